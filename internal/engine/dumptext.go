package engine

import (
	"fmt"
	"strconv"
)

func quote(db int, kind Kind, key string, deadline int64) string {
	return fmt.Sprintf("db%d %s %q deadline=%d", db, kind, key, deadline)
}

func quoteBytes(s string) string { return strconv.Quote(s) }
