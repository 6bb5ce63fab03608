package crash

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/residedb/reside/internal/ds/zset"
	"github.com/residedb/reside/internal/engine"
)

// change is a transaction: what it does follows from its number, and from what it finds.
type change uint64

// never is a deadline that no test lives to see: it has to come back with its key.
const never = 4_000_000_000_000

// rng are the random numbers of a change.
func (c change) rng() *rand.Rand { return rand.New(rand.NewPCG(uint64(c), 1)) }

// keys are all that the change can touch.
func (c change) keys() []engine.Key {
	rng := c.rng()
	keys := []engine.Key{c.own()}
	for range 1 + rng.IntN(4) {
		keys = append(keys, key("string", rng.IntN(20)))
	}
	for _, kind := range []string{"count", "count", "list", "hash", "set", "zset"} {
		keys = append(keys, key(kind, rng.IntN(4)))
	}
	return keys
}

func key(kind string, n int) engine.Key { return engine.KeyOf([]byte(kind + strconv.Itoa(n))) }

// own is a key that every change writes, so that none is without effect.
func (c change) own() engine.Key { return key("last", int(c%8)) }

// run makes the change, in a transaction that has its keys. Each of its parts is seen in
// a digest: no half of it looks like the whole.
func (c change) run(tx *engine.Tx) error {
	keys, rng := c.keys(), c.rng()
	strings, others := keys[1:len(keys)-6], keys[len(keys)-6:]
	value := fmt.Appendf(nil, "%d", c)
	if err := tx.PutString(c.own(), value, 0); err != nil {
		return err
	}
	for _, k := range strings {
		if err := changeString(tx, k, value, rng); err != nil {
			return err
		}
	}
	if err := move(tx, others[0], others[1], int64(rng.IntN(100))); err != nil {
		return err
	}
	return changeCollection(tx, others[2:], value, rng)
}

func changeString(tx *engine.Tx, k engine.Key, value []byte, rng *rand.Rand) (err error) {
	switch rng.IntN(10) {
	case 0:
		_, err = tx.Delete(k)
	case 1:
		err = tx.PutString(k, make([]byte, rng.IntN(3000)), 0)
	case 2:
		err = tx.PutString(k, value, never)
	default:
		err = tx.PutString(k, value, 0)
	}
	return err
}

// move takes an amount from one counter to another.
func move(tx *engine.Tx, from, to engine.Key, amount int64) error {
	if err := add(tx, from, -amount); err != nil {
		return err
	}
	return add(tx, to, amount)
}

func add(tx *engine.Tx, k engine.Key, by int64) error {
	ent, err := tx.Find(k)
	if err != nil {
		return err
	}
	n := int64(0)
	if ent != nil {
		n, _ = strconv.ParseInt(string(ent.Bytes()), 10, 64)
	}
	return tx.PutString(k, strconv.AppendInt(nil, n+by, 10), 0)
}

func changeCollection(tx *engine.Tx, keys []engine.Key, value []byte, rng *rand.Rand) (err error) {
	list, hash, set, sorted := keys[0], keys[1], keys[2], keys[3]
	switch rng.IntN(9) {
	case 0, 1:
		err = pushPair(tx, list, rng.IntN(2) == 0, value)
	case 2:
		_, err = tx.ListPop(list, rng.IntN(2) == 0, int64(1+rng.IntN(3)))
	case 3, 4:
		_, err = tx.HashPut(hash, strconv.AppendInt(nil, rng.Int64N(300), 10), value, []byte("last"), value)
	case 5:
		_, err = tx.HashDelete(hash, strconv.AppendInt(nil, rng.Int64N(300), 10), []byte("last"))
	case 6:
		_, err = tx.SetAdd(set, value[:len(value)/2], value[len(value)/2:])
	case 7:
		_, err = tx.Delete(keys[rng.IntN(4)])
	default:
		done := false
		err = tx.ZSetPut(sorted, func(*zset.ZSet) ([]byte, float64, bool) {
			done = !done
			return strconv.AppendInt(nil, rng.Int64N(30), 10), float64(rng.IntN(1000)), done
		})
	}
	return err
}

// pushPair keeps the list short.
func pushPair(tx *engine.Tx, list engine.Key, back bool, value []byte) error {
	n, err := tx.ListPush(list, back, value, value)
	if err != nil || n <= 30 {
		return err
	}
	return tx.ListTrim(list, 2, n-1)
}
