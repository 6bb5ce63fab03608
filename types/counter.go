package types

import (
	"context"
	"math"
	"strconv"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/store"
)

// Counter is a key that holds a number. It is a String[int64] that can be added
// to.
type Counter struct{ String[int64] }

// NewCounter makes a handle for a key of a store or transaction.
func NewCounter(db store.DB, key string) Counter { return Counter{NewString[int64](db, key)} }

// In is the same handle inside a transaction.
func (c Counter) In(tx store.DB) Counter { return Counter{c.String.In(tx)} }

// Add adds n, which may be negative, to the number, 0 if the key is missing, and
// returns the sum. ErrNotInteger if the key holds something else, ErrOverflow
// if the sum does not fit. O(1).
//
// Redis: INCRBY, DECRBY
func (c Counter) Add(ctx context.Context, n int64) (int64, error) {
	return command.IncrBy.Value(ctx, c.at, c.key, command.AddArgs{Key: c.key, By: n})
}

// Incr adds 1, see Add. O(1).
//
// Redis: INCR
func (c Counter) Incr(ctx context.Context) (int64, error) { return c.Add(ctx, 1) }

// Decr subtracts 1, see Add. O(1).
//
// Redis: DECR
func (c Counter) Decr(ctx context.Context) (int64, error) { return c.Add(ctx, -1) }

// AddFloat adds a floating-point number and returns the sum. ErrNotFloat if the
// key holds no number, ErrInfinite if the sum is none. O(1).
//
// Redis: INCRBYFLOAT
func (c Counter) AddFloat(ctx context.Context, f float64) (sum float64, err error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, store.ErrInfinite
	}
	by := strconv.AppendFloat(make([]byte, 0, 32), f, 'g', -1, 64)
	err = command.IncrByFloat.Do(ctx, c.at, c.key, command.AddFloatArgs{Key: c.key, By: by}, func(b []byte) error {
		sum, err = strconv.ParseFloat(string(b), 64)
		return err
	})
	return sum, err
}

// GetFloat returns the number as a floating-point one; ok is false if the key is
// missing. O(1).
//
// Redis: GET
func (c Counter) GetFloat(ctx context.Context) (f float64, ok bool, err error) {
	return String[float64]{c.handle, codecOf[float64]()}.Get(ctx)
}
