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

var megabytes = flag.Int("megabytes", 0, "how large a file TestSpeed makes, loads and saves, beside redis-server")

// TestSpeed tells how fast files are made and loaded, here and by redis-server:
//
//	go test ./persist/rdb -run TestSpeed -v -megabytes 1000
func TestSpeed(t *testing.T) {
	if *megabytes == 0 {
		t.Skip("-megabytes says how large the file should be")
	}
	for _, values := range []string{"strings", "mixed"} {
		t.Run(values, func(t *testing.T) { speed(t, values) })
	}
}

func speed(t *testing.T, values string) {
	s := store.New(store.Options{})
	grow(t, s, values)
	dir := t.TempDir()
	path := filepath.Join(dir, rdb.FileName)
	f, err := os.Create(path)
	require.NoError(t, err)
	start := time.Now()
	report, err := s.Export(t.Context(), f, store.ExportOptions{})
	require.NoError(t, err)
	require.NoError(t, f.Sync())
	wrote := time.Since(start)
	require.NoError(t, f.Close())
	require.NoError(t, s.Close())

	other := store.New(store.Options{})
	in, err := os.Open(path)
	require.NoError(t, err)
	start = time.Now()
	_, err = other.Import(t.Context(), in, store.ImportOptions{})
	require.NoError(t, err)
	loaded := time.Since(start)
	require.NoError(t, in.Close())
	require.NoError(t, other.Close())

	theirs, saved := timesOfRedis(t, dir)
	t.Logf("%s: %d keys, %d MB: loads in %.2f s, redis-server in %.2f: %.2f times as fast; writes in %.2f s, redis-server in %.2f: %.2f times as fast",
		values, report.Keys, report.Bytes>>20, loaded.Seconds(), theirs, theirs/loaded.Seconds(), wrote.Seconds(), saved.Seconds(), saved.Seconds()/wrote.Seconds())
}

// timesOfRedis are how long redis-server loads the dump.rdb of a directory, in seconds, and
// how long it saves it.
func timesOfRedis(t *testing.T, dir string) (loads float64, saved time.Duration) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	require.NoError(t, l.Close())
	log := filepath.Join(dir, "log")
	server := exec.Command(script.Program(t, "redis-server"), "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", dir, "--logfile", log)
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
	start := time.Now()
	out, err := exec.Command(script.Program(t, "redis-cli"), "-p", port, "SAVE").CombinedOutput()
	require.NoError(t, err)
	require.Equal(t, "OK\n", string(out))
	return loads, time.Since(start)
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
