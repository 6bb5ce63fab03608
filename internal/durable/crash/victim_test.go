package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// What tells a process that it is one to be killed.
const (
	victimDir    = "CRASH_TEST_DIR"
	victimPolicy = "CRASH_TEST_POLICY"
	victimSeed   = "CRASH_TEST_SEED"
)

const (
	writersOfAVictim = 8
	listOfAVictim    = 10
	accounts         = 10
)

func account(i int) string { return fmt.Sprint("account", i) }

func writerText(s store.DB, w int) types.String[int] {
	return types.NewString[int](s, fmt.Sprint("text", w))
}

func writerHash(s store.DB, w int) types.Hash[string, int] {
	return types.NewHash[string, int](s, fmt.Sprint("hash", w))
}

func writerList(s store.DB, w int) types.List[int] {
	return types.NewList[int](s, fmt.Sprint("list", w))
}

func pair(field string, n int) types.Pair[string, int] {
	return types.Pair[string, int]{Key: field, Value: n}
}

// beVictim is what a process does until it is killed: several goroutines write, and print
// what was acknowledged; another saves, and shortens the log.
func beVictim() error {
	policy, err := strconv.Atoi(os.Getenv(victimPolicy))
	if err != nil {
		return err
	}
	seed, err := strconv.ParseUint(os.Getenv(victimSeed), 10, 64)
	if err != nil {
		return err
	}
	s, err := store.Open(os.Getenv(victimDir), store.Options{Durability: store.Durability{
		Sync: store.Sync(policy), GrowthBytes: 50_000,
	}})
	if err != nil {
		return err
	}
	failed := make(chan error)
	for w := range writersOfAVictim {
		go func() { failed <- writeForever(s, w, rand.New(rand.NewPCG(seed, uint64(w)))) }()
	}
	go func() { failed <- saveForever(s, rand.New(rand.NewPCG(seed, 100))) }()
	return <-failed
}

func writeForever(s *store.Store, w int, rng *rand.Rand) error {
	ctx := context.Background()
	n, _, err := writerText(s, w).Get(ctx)
	for err == nil {
		n++
		if err = writeOnce(ctx, s, w, n, rng); err == nil {
			_, err = fmt.Printf("%d %d %d\n", w, n, time.Now().UnixNano()) // one call of the system
		}
	}
	return err
}

// writeOnce is a transaction over several keys, some of which all writers use.
func writeOnce(ctx context.Context, s *store.Store, w, n int, rng *rand.Rand) error {
	from, to, amount := account(rng.IntN(accounts)), account(rng.IntN(accounts)), rng.Int64N(100)
	return s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := types.NewCounter(tx, from).Add(ctx, -amount)
		if err == nil {
			err = writerText(tx, w).Set(ctx, n)
		}
		if err == nil {
			_, err = writerHash(tx, w).SetMany(ctx, pair("n", n), pair("m", -n))
		}
		if err == nil {
			_, err = writerList(tx, w).PushBack(ctx, n)
		}
		if err == nil {
			err = writerList(tx, w).Trim(ctx, -listOfAVictim, -1)
		}
		if err == nil {
			_, err = types.NewCounter(tx, to).Add(ctx, amount)
		}
		return err
	})
}

func saveForever(s *store.Store, rng *rand.Rand) error {
	for {
		err := s.Save(context.Background())
		if err != nil && !errors.Is(err, store.ErrSaving) {
			return err
		}
		<-time.After(time.Duration(rng.IntN(30)) * time.Millisecond)
	}
}
