package rdb

import (
	"fmt"

	"github.com/residedb/reside/internal/effect"
)

// What may stand in front of a key, or instead of one.
const (
	opSlotInfo    = 244
	opFunction2   = 245
	opFunctionPre = 246 // of a release candidate
	opModuleAux   = 247
	opIdle        = 248
	opFreq        = 249
	opAux         = 250
	opResizeDB    = 251
	opExpiryMs    = 252
	opExpiry      = 253
	opSelectDB    = 254
	opEOF         = 255
)

// valueType is how a value is laid out.
type valueType uint8

const (
	typeString        valueType = 0
	typeList          valueType = 1
	typeSet           valueType = 2
	typeZSet          valueType = 3 // scores as text
	typeHash          valueType = 4
	typeZSet2         valueType = 5
	typeModulePre     valueType = 6 // of a release candidate
	typeModule2       valueType = 7
	typeZipmap        valueType = 9
	typeListZiplist   valueType = 10
	typeIntset        valueType = 11
	typeZSetZiplist   valueType = 12
	typeHashZiplist   valueType = 13
	typeQuicklist     valueType = 14
	typeStream        valueType = 15
	typeHashListpack  valueType = 16
	typeZSetListpack  valueType = 17
	typeQuicklist2    valueType = 18
	typeStream2       valueType = 19
	typeSetListpack   valueType = 20
	typeStream3       valueType = 21
	typeHashTimedPre  valueType = 22 // of a release candidate
	typeHashTimedPre2 valueType = 23 // of a release candidate
	typeHashTimed     valueType = 24
	typeHashTimed2    valueType = 25 // a listpack
)

// kindOf is the kind of a type's values, 0 for what this library does not have.
func kindOf(t valueType) int64 {
	switch t {
	case typeString:
		return effect.String
	case typeList, typeListZiplist, typeQuicklist, typeQuicklist2:
		return effect.List
	case typeSet, typeIntset, typeSetListpack:
		return effect.Set
	case typeZSet, typeZSet2, typeZSetZiplist, typeZSetListpack:
		return effect.ZSet
	case typeHash, typeZipmap, typeHashZiplist, typeHashListpack, typeHashTimed, typeHashTimed2:
		return effect.Hash
	}
	return 0
}

// foreign says what a value is that this library does not have, and whether it can be
// passed over; "" for damage.
func foreign(t valueType) (what string, canSkip bool) {
	switch t {
	case typeStream, typeStream2, typeStream3:
		return "a stream", true
	case typeModule2:
		return "a value of a module", true
	case typeModulePre:
		return "a value of a module, as a release candidate of Redis 4.0 wrote it", false
	case typeHashTimedPre, typeHashTimedPre2:
		return "a hash as a release candidate of Redis 7.4 wrote it", false
	}
	return "", false
}

// partsOf is how many parts an element of a kind has, as an effect has it.
func partsOf(kind int64) int {
	switch kind {
	case effect.ZSet:
		return 2
	case effect.Hash:
		return 3
	}
	return 1
}

// kindName is the name that TYPE has for a kind.
func kindName(kind int64) string {
	switch kind {
	case effect.String:
		return "string"
	case effect.List:
		return "list"
	case effect.Set:
		return "set"
	case effect.ZSet:
		return "zset"
	case effect.Hash:
		return "hash"
	}
	return fmt.Sprintf("kind %d", kind)
}
