package command

import (
	"bytes"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/ds/set"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/event"
)

func setRows() []Command {
	return []Command{SAdd, SRem, SCard, SIsMember, SMIsMember, SMembers, SMove, SPop, SRandMember, SScan,
		SInter, SInterStore, SInterCard, SUnion, SUnionStore, SDiff, SDiffStore}
}

// findSet is the set of a key, nil if there is none.
func findSet(tx *engine.Tx, k engine.Key) (*set.Set, error) {
	e, err := tx.FindAs(k, engine.Set)
	if e == nil {
		return nil, err
	}
	return e.Set(), nil
}

// MembersArgs are a key and members.
type MembersArgs struct {
	Key     engine.Key
	Members [][]byte
}

func (a *MembersArgs) add(w *arg.Walker)  { a.walk(w, arg.RW|arg.Insert) }
func (a *MembersArgs) rem(w *arg.Walker)  { a.walk(w, arg.RW|arg.Delete) }
func (a *MembersArgs) read(w *arg.Walker) { a.walk(w, arg.RO|arg.Access) }

func (a *MembersArgs) walk(w *arg.Walker, f arg.KeyFlags) {
	w.Key(&a.Key, f)
	w.List("member", &a.Members)
}

// SAdd is SADD, SRem is SREM.
var (
	SAdd = define(Info{"sadd", "set", "1.0.0", Write | DenyOOM | Fast, "", "Adds members to a set, which is created if needed."},
		(*MembersArgs).add, func(tx *engine.Tx, a MembersArgs) (int64, error) {
			n, err := tx.SetAdd(a.Key, a.Members...)
			return int64(n), err
		}, &reply.Int)
	SRem = define(Info{"srem", "set", "1.0.0", Write | Fast, "", "Removes members from a set, and the set with the last one."},
		(*MembersArgs).rem, func(tx *engine.Tx, a MembersArgs) (int64, error) {
			n, err := tx.SetRemove(a.Key, a.Members...)
			return int64(n), err
		}, &reply.Int)
)

// SCard is SCARD.
var SCard = define(Info{"scard", "set", "1.0.0", ReadOnly | Fast, "", "Returns the number of members of a set."},
	(*KeyArgs).probe, func(tx *engine.Tx, a KeyArgs) (int64, error) {
		s, err := findSet(tx, a.Key)
		if s == nil {
			return 0, err
		}
		return int64(s.Len()), nil
	}, &reply.Int)

// MemberArgs are a key and a member.
type MemberArgs struct {
	Key    engine.Key
	Member []byte
}

func (a *MemberArgs) probe(w *arg.Walker) { a.walk(w, arg.RO) }
func (a *MemberArgs) read(w *arg.Walker)  { a.walk(w, arg.RO|arg.Access) }

func (a *MemberArgs) walk(w *arg.Walker, f arg.KeyFlags) {
	w.Key(&a.Key, f)
	w.Bytes("member", &a.Member)
}

// SIsMember is SISMEMBER.
var SIsMember = define(Info{"sismember", "set", "1.0.0", ReadOnly | Fast, "", "Tells whether a set has a member."},
	(*MemberArgs).probe, func(tx *engine.Tx, a MemberArgs) (bool, error) {
		s, err := findSet(tx, a.Key)
		return s != nil && s.Contains(a.Member), err
	}, &reply.Flag)

// SMIsMember is SMISMEMBER.
var SMIsMember = define(Info{"smismember", "set", "6.2.0", ReadOnly | Fast, "", "Tells of each of some members whether a set has it."},
	(*MembersArgs).read, func(tx *engine.Tx, a MembersArgs) ([]int64, error) {
		s, err := findSet(tx, a.Key)
		if err != nil {
			return nil, err
		}
		told := make([]int64, len(a.Members))
		for i, m := range a.Members {
			if s != nil && s.Contains(m) {
				told[i] = 1
			}
		}
		return told, nil
	}, &reply.Ints)

// SMembers is SMEMBERS.
var SMembers = define(Info{"smembers", "set", "1.0.0", ReadOnly, "", "Returns all members of a set."},
	(*KeyArgs).read, func(tx *engine.Tx, a KeyArgs) ([][]byte, error) {
		s, err := findSet(tx, a.Key)
		return allMembers(s), err
	}, &reply.Members)

func allMembers(s *set.Set) [][]byte {
	if s == nil {
		return [][]byte{}
	}
	all := make([][]byte, 0, s.Len())
	_, ints := s.Ints()
	s.Each(func(m []byte) bool {
		if ints {
			m = bytes.Clone(m)
		}
		all = append(all, nonNil(m))
		return true
	})
	return all
}

// SMoveArgs are the arguments of SMOVE.
type SMoveArgs struct {
	Src, Dst engine.Key
	Member   []byte
}

func (a *SMoveArgs) walk(w *arg.Walker) {
	w.Key(&a.Src, arg.RW|arg.Access|arg.Delete)
	w.Key(&a.Dst, arg.RW|arg.Insert)
	w.Bytes("member", &a.Member)
}

// SMove is SMOVE.
var SMove = define(Info{"smove", "set", "1.0.0", Write | Fast, "", "Moves a member from a set to another one."},
	(*SMoveArgs).walk, smove, &reply.Flag)

func smove(tx *engine.Tx, a SMoveArgs) (bool, error) {
	src, err := tx.Find(a.Src)
	if err != nil {
		return false, err
	}
	dst, err := tx.Find(a.Dst)
	if src == nil || err != nil {
		return false, err
	}
	if src.Kind() != engine.Set || dst != nil && dst.Kind() != engine.Set {
		return false, engine.ErrWrongType
	}
	if !src.Set().Contains(a.Member) {
		return false, nil
	}
	if a.Src.DB == a.Dst.DB && string(a.Src.B) == string(a.Dst.B) {
		return true, nil
	}
	if _, err := tx.SetRemove(a.Src, a.Member); err != nil {
		return false, err
	}
	_, err = tx.SetAdd(a.Dst, a.Member)
	return err == nil, err
}

// SRandMember is SRANDMEMBER.
var SRandMember = defineBy(Info{"srandmember", "set", "1.0.0", ReadOnly, "", "Returns random members of a set."},
	(*SampleArgs).members, srandMember, sampleReply)

func srandMember(tx *engine.Tx, a SampleArgs) ([][]byte, error) {
	s, err := findSet(tx, a.Key)
	if s == nil {
		return [][]byte{}, err
	}
	picks, err := a.picks(tx, s)
	list, text := tx.KeepAll(len(picks)), make([]byte, 0, 20)
	for _, i := range picks {
		list = append(list, tx.Keep(s.At(i, text)))
	}
	return list, err
}

// SPop is SPOP.
var SPop = defineBy(Info{"spop", "set", "1.0.0", Write | Fast, "", "Returns random members of a set and removes them."},
	(*PopArgs).walk, spop, func(a *PopArgs) *reply.Codec[[][]byte] {
		if a.HasCount {
			return &reply.Members
		}
		return &reply.First
	})

func spop(tx *engine.Tx, a PopArgs) ([][]byte, error) {
	if a.HasCount && a.Count == 0 {
		_, err := findSet(tx, a.Key)
		return [][]byte{}, err
	}
	taken, err := srandMember(tx, SampleArgs{Key: a.Key, HasCount: a.HasCount, Count: a.Count})
	if err != nil || len(taken) == 0 {
		return taken, err
	}
	_, err = tx.As(event.SPop).SetRemove(a.Key, taken...)
	return taken, err
}
