package redistest

import (
	"fmt"
	"strings"
)

// Errors that Redis answers for the state it is in, for Fault.Error. The words of a
// code are what client libraries look at.
const (
	Loading     = "LOADING Redis is loading the dataset in memory"
	ReadOnly    = "READONLY You can't write against a read only replica."
	OutOfMemory = "OOM command not allowed when used memory > 'maxmemory'."
	Busy        = "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
	MasterDown  = "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."
	NoReplicas  = "NOREPLICAS Not enough good replicas to write."
	NoAuth      = "NOAUTH Authentication required."
	DiskFailed  = "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. " +
		"Commands that may modify the data set are disabled, because this instance is configured to report errors during writes " +
		"if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error."
)

// Errors of a cluster, for Fault.Error.
const (
	TryAgain       = "TRYAGAIN Multiple keys request during rehashing of slot"
	CrossSlot      = "CROSSSLOT Keys in request don't hash to the same slot"
	ClusterDown    = "CLUSTERDOWN The cluster is down"
	SlotNotServed  = "CLUSTERDOWN Hash slot not served"
	ClusterReading = "CLUSTERDOWN The cluster is down and only accepts read commands"
)

// Moved is the error by which a node of a cluster sends a client on for good: the
// key's slot is at the address, "host:port".
func Moved(key, addr string) string { return fmt.Sprintf("MOVED %d %s", Slot(key), addr) }

// Ask is the error by which a node sends a client to another for one command, while
// the key's slot moves there.
func Ask(key, addr string) string { return fmt.Sprintf("ASK %d %s", Slot(key), addr) }

// Slot is the number of a key's slot in a cluster, 0 to 16383. Of a key with a tag,
// "{user1}:cart", the tag alone counts.
//
// Redis: CLUSTER KEYSLOT
func Slot(key string) int {
	if _, rest, ok := strings.Cut(key, "{"); ok {
		if tag, _, ok := strings.Cut(rest, "}"); ok && tag != "" {
			key = tag
		}
	}
	return int(crc16(key)) % 16384
}

// crc16 is the checksum of XMODEM.
func crc16(s string) (sum uint16) {
	for i := range len(s) {
		sum ^= uint16(s[i]) << 8
		for range 8 {
			carry := sum&0x8000 != 0
			sum <<= 1
			if carry {
				sum ^= 0x1021
			}
		}
	}
	return sum
}

// checkError says what is wrong with the text of an error.
func checkError(text string) error {
	if strings.ContainsAny(text, "\r\n") {
		return fmt.Errorf("a line end in the error %q", text)
	}
	if code, _, _ := strings.Cut(text, " "); code != strings.ToUpper(code) || text != "" && code == "" {
		return fmt.Errorf("no code in capital letters, as ERR, before the error %q", text)
	}
	return nil
}
