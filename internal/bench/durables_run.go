package bench

import (
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// measureKeepers measures everything that is done with one process, once. dir is on the
// disk that is meant.
func (k kept) measureKeepers(dir string) (all []sample) {
	for _, p := range keepers() {
		add := func(work string, v float64, unit string) {
			all = append(all, durableSample(work, k.n, p.name, v, unit))
		}
		k.measureSnapshots(p, fresh(dir, p.name), add)
		k.measureLog(p, fresh(dir, p.name+" log"), add)
	}
	all = append(all, durableSample("save", k.n, "raw write", ms(func() { k.rawWrite(dir) }), "ms"))
	return all
}

// fresh is an empty directory in dir.
func fresh(dir, name string) string {
	dir = filepath.Join(dir, name)
	done(os.RemoveAll(dir))
	done(os.MkdirAll(dir, 0o750))
	return dir
}

// measureSnapshots saves and loads.
func (k kept) measureSnapshots(p keeper, dir string, add func(work string, v float64, unit string)) {
	s := p.open(dir, false, "no")
	k.fillKeys(s, 2)
	runtime.GC()
	add("save", ms(func() { s.save(dir) }), "ms")
	if r, ok := s.(residePlace); ok {
		add("snapshot", float64(sizeOf(dir, "snapshot"))/1e6, "MB")
		took, speed := k.saveUnderLoad(r)
		add("save while written to", took, "ms")
		add("writers during it", speed*100, "%")
		wrote, read := r.exchange(dir)
		add("write an RDB file", wrote, "ms")
		add("read an RDB file", read, "ms")
	} else {
		add("snapshot", float64(sizeOf(dir, "saved"))/1e6, "MB")
		done(os.Rename(filepath.Join(dir, "saved"), filepath.Join(dir, buntFile+".new")))
	}
	s.close()
	if p.name == bunt {
		done(os.Rename(filepath.Join(dir, buntFile+".new"), filepath.Join(dir, buntFile)))
	}
	s = nil
	debug.FreeOSMemory() // what a new process has not either
	add("load", ms(func() { s = p.open(dir, false, "no") }), "ms")
	s.close()
}

// saveUnderLoad takes a snapshot in the background while two goroutines write, and
// returns how long it takes, and how fast they are then, in their speed before.
func (k kept) saveUnderLoad(r residePlace) (took, speed float64) {
	var writes atomic.Int64
	var all sync.WaitGroup
	stop := make(chan struct{})
	for g := range 2 {
		all.Go(func() {
			for i := g; ; i = (i + 7919) % k.n {
				select {
				case <-stop:
					return
				default:
					r.set(k.keys.at(i), k.value((i+1)%k.n))
					writes.Add(1)
				}
			}
		})
	}
	rate := func(f func()) float64 {
		before, took := writes.Load(), ms(f)
		return float64(writes.Load()-before) / took
	}
	alone := rate(func() { time.Sleep(500 * time.Millisecond) })
	during := rate(func() {
		took = ms(func() {
			done(r.SaveInBackground())
			for r.KeptStatus().Saving {
				time.Sleep(time.Millisecond)
			}
		})
	})
	close(stop)
	all.Wait()
	return took, during / alone
}

// measureLog writes a log, recovers from it and makes it shorter.
func (k kept) measureLog(p keeper, dir string, add func(work string, v float64, unit string)) {
	for _, synced := range []string{"everysec", "always", "no"} { // the last one is recovered from
		part := k
		if synced == "always" {
			part.n /= 10
		}
		done(os.RemoveAll(dir))
		s := p.open(fresh(dir, ""), true, synced)
		took := ms(func() { part.fillKeys(s, 50) })
		add("set, log "+synced, float64(part.n)/took*1000, "op/s")
		s.close()
		runtime.GC()
	}
	var s keeping
	debug.FreeOSMemory()
	add("recover from the log", ms(func() { s = p.open(dir, true, "no") }), "ms")
	add("rewrite the log", ms(s.rewrite), "ms")
	s.close()
	runtime.GC()
}
