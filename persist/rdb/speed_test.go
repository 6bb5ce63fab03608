package rdb_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/persist/rdb"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

var (
	megabytes = flag.Int("megabytes", 0, "how large a file TestSpeed makes, loads and saves, beside redis-server")
	loads     = flag.String("loads", "", "the file that TestLoad loads, in a process that TestSpeed starts")
)

// TestSpeed tells how fast files are made and loaded, here and by redis-server, with LZF
// and without, and how much memory a process has taken that loads one. Each loads faster
// what it has saved itself, as that is in the order of its own tables:
//
//	go test ./persist/rdb -run TestSpeed -v -megabytes 1000
func TestSpeed(t *testing.T) {
	if *megabytes == 0 {
		t.Skip("-megabytes says how large the file should be")
	}
	for _, values := range []string{"strings", "mixed"} {
		s := store.New(store.Options{})
		grow(t, s, values)
		for _, compress := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, compress %v", values, compress), func(t *testing.T) { speed(t, s, compress) })
		}
		require.NoError(t, s.Close())
	}
}

func speed(t *testing.T, s *store.Store, compress bool) {
	dir := t.TempDir()
	path := filepath.Join(dir, rdb.FileName)
	f, err := os.Create(path)
	require.NoError(t, err)
	start := time.Now()
	report, err := s.Export(t.Context(), f, store.ExportOptions{Compress: compress})
	require.NoError(t, err)
	require.NoError(t, f.Sync())
	wrote := time.Since(start).Seconds()
	require.NoError(t, f.Close())
	own, peak := loadOf(t, path)
	lean, leanPeak := loadOf(t, path, fmt.Sprintf("GOMEMLIMIT=%dMiB", peak*2/3), "GOGC=200")
	theirs, saved, theirPeak := costsOfRedis(t, dir, compress)
	ownOfTheirs, _ := loadOf(t, path) // which is what redis-server has saved by now
	theirsOfTheirs, _, _ := costsOfRedis(t, dir, compress)
	t.Logf("%d keys, %d MB, accounted %d MB", report.Keys, report.Bytes>>20, s.Stats().Memory>>20)
	t.Logf("loads in %.2f s, redis-server in %.2f: %.2f times as fast; writes in %.2f s, redis-server in %.2f: %.2f times as fast",
		own, theirs, theirs/own, wrote, saved, saved/wrote)
	t.Logf("loads what redis-server has saved in %.2f s, redis-server in %.2f: %.2f times as fast", ownOfTheirs, theirsOfTheirs, theirsOfTheirs/ownOfTheirs)
	t.Logf("takes %d MB to load it, redis-server %d; with a GOMEMLIMIT of two thirds of that %d, in %.2f s", peak, theirPeak, leanPeak, lean)
}

// loadOf is how long a process of its own loads a file, in seconds, and the most memory
// that it has taken, in MB.
func loadOf(t *testing.T, path string, env ...string) (seconds float64, peak int) {
	child := exec.Command(os.Args[0], "-test.run", "^TestLoad$", "-test.v", "-loads", path)
	child.Env = append(os.Environ(), env...)
	out, err := child.CombinedOutput()
	require.NoError(t, err, "%s", out)
	m := regexp.MustCompile(`loaded in ([0-9.]+) s with ([0-9]+) MB`).FindSubmatch(out)
	require.NotNil(t, m, "%s", out)
	seconds, err = strconv.ParseFloat(string(m[1]), 64)
	require.NoError(t, err)
	peak, err = strconv.Atoi(string(m[2]))
	require.NoError(t, err)
	return seconds, peak
}

// TestLoad is a process of TestSpeed.
func TestLoad(t *testing.T) {
	if *loads == "" {
		t.Skip("-loads says which file")
	}
	s := store.New(store.Options{})
	in, err := os.Open(*loads)
	require.NoError(t, err)
	start := time.Now()
	_, err = s.Import(t.Context(), in, store.ImportOptions{})
	require.NoError(t, err)
	t.Logf("loaded in %.3f s with %d MB", time.Since(start).Seconds(), peakOf(t, os.Getpid()))
	require.NoError(t, in.Close())
	require.NoError(t, s.Close())
}

// peakOf is the most memory that a process has taken of the system so far, in MB.
func peakOf(t *testing.T, pid int) int {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	m := regexp.MustCompile(`VmHWM:\s+([0-9]+) kB`).FindSubmatch(b)
	require.NotNil(t, m)
	n, err := strconv.Atoi(string(m[1]))
	require.NoError(t, err)
	return n >> 10
}

// costsOfRedis are how long redis-server loads the dump.rdb of a directory, and how long
// it saves it, in seconds, and the most memory that it has taken after loading, in MB.
func costsOfRedis(t *testing.T, dir string, compress bool) (loads, saves float64, peak int) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	require.NoError(t, l.Close())
	log := filepath.Join(dir, "log")
	_ = os.Remove(log)
	server := exec.Command(script.Program(t, "redis-server"), "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", dir, "--logfile", log,
		"--rdbcompression", map[bool]string{true: "yes", false: "no"}[compress])
	require.NoError(t, server.Start())
	defer func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	}()
	var m [][]byte
	require.Eventually(t, func() bool {
		b, _ := os.ReadFile(log)
		m = regexp.MustCompile(`DB loaded from disk: ([0-9.]+) seconds`).FindSubmatch(b)
		return m != nil
	}, 5*time.Minute, 100*time.Millisecond)
	loads, err = strconv.ParseFloat(string(m[1]), 64)
	require.NoError(t, err)
	peak = peakOf(t, server.Process.Pid)
	start := time.Now()
	out, err := exec.Command(script.Program(t, "redis-cli"), "-p", port, "SAVE").CombinedOutput()
	require.NoError(t, err)
	require.Equal(t, "OK\n", string(out))
	return loads, time.Since(start).Seconds(), peak
}

// grow fills a store until a file of it would be so large.
func grow(t *testing.T, s *store.Store, values string) {
	ctx := context.Background()
	random, err := os.Open("/dev/urandom")
	require.NoError(t, err)
	defer func() { _ = random.Close() }()
	from := bufio.NewReaderSize(random, 1<<20)
	value := make([]byte, 64)
	next := func() []byte {
		_, err := from.Read(value)
		require.NoError(t, err)
		return value
	}
	for i := 0; i < *megabytes*1_000_000/82; i++ {
		key := fmt.Sprintf("key:%012d", i)
		if values == "strings" || i%2 == 0 {
			require.NoError(t, types.NewString[[]byte](s, key).Set(ctx, next()))
			continue
		}
		group := fmt.Sprint(i%8/2, ":", i/160)
		switch i % 8 {
		case 1:
			_, err = types.NewHash[string, []byte](s, "h"+group).Set(ctx, key, next())
		case 3:
			_, err = types.NewList[[]byte](s, "l"+group).PushBack(ctx, next())
		case 5:
			_, err = types.NewSet[[]byte](s, "s"+group).Add(ctx, next())
		default:
			_, err = types.NewZSet[[]byte](s, "z"+group).Add(ctx, next(), float64(i))
		}
		require.NoError(t, err)
	}
}
