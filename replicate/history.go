package replicate

import (
	"crypto/rand"
	"encoding/hex"
)

// followed is the first bit of the name of a history that followers are told of. The
// names that a store gives to what it keeps on disk have a 0 there.
const followed = 0x80

// NewHistory draws a name of a history for followers: 32 hexadecimal digits, the first of
// them 8 to f.
func NewHistory() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[0] |= followed
	return hex.EncodeToString(b[:])
}

// IsHistory reports whether a name is one that NewHistory could have drawn.
func IsHistory(name string) bool {
	b, err := hex.DecodeString(name)
	return err == nil && len(b) == 16 && b[0]&followed != 0
}
