package bench

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/tidwall/buntdb"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// valueLen is how long the values are that are kept on disk, in bytes. They are random,
// so nobody can compress them.
const valueLen = 64

// kept is what is kept on disk: n keys of 16 bytes with a value.
type kept struct {
	n      int
	keys   texts
	values []byte
}

func newKept(n int) kept {
	k := kept{n, textsOf("key", n), make([]byte, n*valueLen)}
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(k.values)
	return k
}

func (k kept) value(i int) string { return unsafe.String(&k.values[i*valueLen], valueLen) }

// keeper is what keeps keys in a directory.
type keeper struct {
	name string
	// open opens the directory, which may be empty; logged says whether there is a log,
	// and synced when it is.
	open func(dir string, logged bool, synced string) keeping
}

// keeping is a keeper at work.
type keeping interface {
	set(key, value string)
	save(dir string) // takes a snapshot, from which open opens
	rewrite()        // shortens the log
	close()
}

func keepers() []keeper {
	return []keeper{{reside, openReside}, {bunt, openBuntFile}}
}

// fillKeys sets all keys by so many goroutines.
func (k kept) fillKeys(to keeping, goroutines int) {
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for i := g; i < k.n; i += goroutines {
				to.set(k.keys.at(i), k.value(i))
			}
		})
	}
	all.Wait()
}

// ms is how long f takes, in milliseconds.
func ms(f func()) float64 {
	began := time.Now()
	f()
	return float64(time.Since(began).Microseconds()) / 1000
}

// residePlace is a store of a directory.
type residePlace struct{ *store.Store }

func syncOf(synced string) store.Sync {
	return map[string]store.Sync{"no": store.SyncNever, "everysec": store.SyncEverySecond, "always": store.SyncAlways}[synced]
}

func openReside(dir string, logged bool, synced string) keeping {
	s, err := store.Open(dir, store.Options{Durability: store.Durability{
		NoLog: !logged, Sync: syncOf(synced), Save: []store.SaveRule{}, GrowthPercent: -1,
	}})
	done(err)
	return residePlace{s}
}

func (r residePlace) set(key, value string) {
	done(types.NewString[string](r.Store, key).Set(context.Background(), value))
}

func (r residePlace) save(string) { done(r.Save(context.Background())) }

// exchange writes an RDB file and reads it.
func (r residePlace) exchange(dir string) (wrote, read float64) {
	path := filepath.Join(dir, "dump.rdb")
	wrote = ms(func() {
		f, err := os.Create(path)
		done(err)
		_, err = r.Export(context.Background(), f, store.ExportOptions{})
		done(err)
		done(f.Sync())
		done(f.Close())
	})
	debug.FreeOSMemory()
	read = ms(func() {
		f, err := os.Open(path)
		done(err)
		s := store.New(store.Options{})
		_, err = s.Import(context.Background(), f, store.ImportOptions{})
		done(err)
		done(f.Close())
		done(s.Close())
	})
	return wrote, read
}

func (r residePlace) rewrite() {
	done(r.RewriteLog())
	for r.KeptStatus().Rewriting {
		time.Sleep(time.Millisecond)
	}
}

func (r residePlace) close() { done(r.Close()) }

// buntPlace is a buntdb of a directory: its log is its snapshot.
type buntPlace struct{ *buntdb.DB }

const buntFile = "data.db"

func openBuntFile(dir string, logged bool, synced string) keeping {
	db, err := buntdb.Open(filepath.Join(dir, buntFile))
	done(err)
	policy := map[string]buntdb.SyncPolicy{"": buntdb.Never, "no": buntdb.Never, "everysec": buntdb.EverySecond, "always": buntdb.Always}[synced]
	done(db.SetConfig(buntdb.Config{SyncPolicy: policy, AutoShrinkDisabled: true}))
	return buntPlace{db}
}

func (b buntPlace) set(key, value string) {
	done(b.Update(func(tx *buntdb.Tx) error {
		_, _, err := tx.Set(strings.Clone(key), strings.Clone(value), nil)
		return err
	}))
}

func (b buntPlace) save(dir string) {
	f, err := os.Create(filepath.Join(dir, "saved"))
	done(err)
	done(b.Save(f))
	done(f.Sync())
	done(f.Close())
}

func (b buntPlace) rewrite() { done(b.Shrink()) }
func (b buntPlace) close()   { done(b.Close()) }

// rawWrite writes as many bytes as the keys and values have, which is what a disk takes.
func (k kept) rawWrite(dir string) {
	f, err := os.Create(filepath.Join(dir, "raw"))
	done(err)
	for i := 0; i < k.n*(textLen+valueLen); i += len(k.values) {
		_, err := io.Copy(f, strings.NewReader(unsafe.String(&k.values[0], min(len(k.values), k.n*(textLen+valueLen)-i))))
		done(err)
	}
	done(f.Sync())
	done(f.Close())
}

// sizeOf is how many bytes the files of a directory have whose names begin so.
func sizeOf(dir, prefix string) (n int64) {
	files, err := os.ReadDir(dir)
	done(err)
	for _, f := range files {
		if info, err := f.Info(); err == nil && strings.HasPrefix(f.Name(), prefix) {
			n += info.Size()
		}
	}
	return n
}

// durableSample is one result.
func durableSample(work string, n int, peer string, v float64, unit string) sample {
	return sample{"Durable", durableKeys(work, n, peer), n, []value{{v, unit}}}
}

func durableKeys(work string, n int, peer string) []keyValue {
	return []keyValue{keyed("work", work), keyed("keys", strconv.Itoa(n)), keyed("peer", peer)}
}

// durableWorks are the rows of the table: what is measured, and its unit.
func durableWorks() []struct{ work, unit string } {
	return []struct{ work, unit string }{
		{"save", "ms"}, {"save while written to", "ms"}, {"writers during it", "%"}, {"snapshot", "MB"},
		{"load", "ms"}, {"write an RDB file", "ms"}, {"read an RDB file", "ms"}, {"recover from the log", "ms"}, {"rewrite the log", "ms"},
		{"set, log no", "op/s"}, {"set, log everysec", "op/s"}, {"set, log always", "op/s"},
		{"SET of 50 clients, everysec", "op/s"}, {"SET of 50 clients, always", "op/s"},
		{"SET of 50 clients, pipelines of 16, everysec", "op/s"}, {"SET of 50 clients, pipelines of 16, always", "op/s"},
	}
}

// durableTable lays results out in Markdown.
func durableTable(r results) string {
	var b strings.Builder
	peers := []string{reside, redisPeer, bunt, "raw write"}
	b.WriteString("| work | keys | unit | " + strings.Join(peers, " | ") + " |\n|---|---|---|" + strings.Repeat("---|", len(peers)) + "\n")
	for _, keys := range r.distinct("keys") {
		n, _ := strconv.Atoi(keys)
		for _, w := range durableWorks() {
			if len(r.pick(w.unit, durableKeys(w.work, n, reside)...)) == 0 {
				continue
			}
			fmt.Fprintf(&b, "| %s | %d | %s", w.work, n, w.unit)
			for _, peer := range peers {
				b.WriteString(" | " + durableCell(r, w.work, n, peer, w.unit))
			}
			b.WriteString(" |\n")
		}
	}
	return b.String()
}

// durableCell is a figure, and in brackets how many times as good Reside is.
func durableCell(r results, work string, n int, peer, unit string) string {
	all, own := r.pick(unit, durableKeys(work, n, peer)...), r.pick(unit, durableKeys(work, n, reside)...)
	if len(all) == 0 {
		return ""
	}
	text := figure("%.0f", median(all))
	if peer == reside || len(own) != len(all) {
		return text
	}
	var ratios []float64
	for i := range all {
		ratio := all[i] / own[i]
		if unit == "op/s" {
			ratio = 1 / ratio
		}
		ratios = append(ratios, ratio)
	}
	return text + figure(" (%.2g)", median(ratios))
}
