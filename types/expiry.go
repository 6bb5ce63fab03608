package types

import (
	"time"

	"github.com/residedb/reside/internal/command"
)

// Expiry says how long what is written lives. The zero value is for ever.
type Expiry struct{ ttl command.TTL }

// After lets it live for d, rounded up to a millisecond; d is positive.
//
// Redis: EX, PX
func After(d time.Duration) Expiry {
	return Expiry{command.TTL{Unit: command.Millis, Value: command.MillisOf(d)}}
}

// At lets it live until t, rounded up to a millisecond; t is after 1970.
//
// Redis: EXAT, PXAT
func At(t time.Time) Expiry {
	return Expiry{command.TTL{Unit: command.AtMilli, Value: command.MillisAt(t)}}
}

// KeepTTL lets it live as long as what it replaces.
//
// Redis: KEEPTTL
func KeepTTL() Expiry { return Expiry{command.TTL{Unit: command.Keep}} }

// ofGet is the expiry for GETEX and HGETEX, whose word for none is PERSIST.
func (e Expiry) ofGet() command.TTL {
	switch e.ttl.Unit {
	case command.NoTTL:
		return command.TTL{Unit: command.Keep}
	case command.Keep:
		return command.TTL{}
	}
	return e.ttl
}

// Condition says when something is written. The zero value is always.
type Condition uint8

// The conditions.
const (
	Always    Condition = iota
	IfAbsent            // it is not there yet (Redis: NX, FNX)
	IfPresent           // it is there already (Redis: XX, FXX)
)
