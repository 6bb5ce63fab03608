package interop

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/store/redistest"
)

// page is what users of miniredis read.
const page = "../../store/redistest/MIGRATION.md"

func readPage(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(page)
	require.NoError(t, err)
	return string(b)
}

// code matches what stands in backquotes.
var code = regexp.MustCompile("`([^`]+)`")

// rows are the lines of the page's tables: what stands in backquotes in the first
// column, and in the second.
func rows(t *testing.T) (here map[string][]string) {
	t.Helper()
	here = map[string][]string{}
	for line := range strings.Lines(readPage(t)) {
		cells := strings.Split(line, " | ")
		if len(cells) < 2 || !strings.HasPrefix(line, "| `") {
			continue
		}
		for _, name := range code.FindAllStringSubmatch(cells[0], -1) {
			require.NotContains(t, here, name[1], "there are two rows")
			here[name[1]] = []string{}
			for _, c := range code.FindAllStringSubmatch(cells[1], -1) {
				here[name[1]] = append(here[name[1]], c[1])
			}
		}
	}
	return here
}

// TestMigrationPageHasEveryMethod holds the page to the real method sets: none is
// forgotten, none is invented.
func TestMigrationPageHasEveryMethod(t *testing.T) {
	var real []string
	for of, v := range map[string]any{"": &miniredis.Miniredis{}, "RedisDB.": &miniredis.RedisDB{}, "Subscriber.": &miniredis.Subscriber{}} {
		for m := range reflect.TypeOf(v).Methods() {
			if name := m.Name; of != "RedisDB." || !has[*miniredis.Miniredis](name) {
				real = append(real, of+name)
			}
		}
	}
	real = append(real, "NewMiniRedis", "Run", "RunT", "RunTLS") // the functions, which reflection does not list
	require.ElementsMatch(t, real, slices.Collect(maps.Keys(rows(t))))
}

// has reports whether a type has a method.
func has[T any](name string) bool {
	_, ok := reflect.TypeFor[T]().MethodByName(name)
	return ok
}

// TestMigrationPageCompiles puts every piece of Go of the second column into a
// function and has it compiled.
func TestMigrationPageCompiles(t *testing.T) {
	var b strings.Builder
	b.WriteString(`package interop

import (
	"context"
	"crypto/tls"
	"net"
	"testing"
	"time"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/redistest"
	"github.com/residedb/reside/store/resp"
	"github.com/residedb/reside/types"
)

func migrated(t *testing.T, ctx context.Context, fake *redistest.Server, clock *redistest.Clock, st *store.Store, config *tls.Config, hook resp.Hook,
	k, k2, f, v, addr, password string, n int64, x float64, db int, d time.Duration, at time.Time) {
`)
	n := 0
	for _, name := range slices.Sorted(maps.Keys(rows(t))) {
		for _, c := range rows(t)[name] {
			fmt.Fprintf(&b, "%s // %s\n", c, name)
			n++
		}
	}
	b.WriteString("}\n")
	require.Greater(t, n, 50)
	build(t, b.String())
}

// build compiles a file as if it were in this package.
func build(t *testing.T, source string) {
	t.Helper()
	here, err := os.Getwd()
	require.NoError(t, err)
	dir := t.TempDir()
	file, overlay := filepath.Join(dir, "page.go"), filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(file, []byte(source), 0o600))
	require.NoError(t, os.WriteFile(overlay, fmt.Appendf(nil, `{"Replace": {%q: %q}}`, filepath.Join(here, "page.go"), file), 0o600))
	out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, ".").CombinedOutput()
	require.NoError(t, err, "%s\n%s", out, source)
}

// TestMigrationPageKnowsTheCommands holds the lists of commands that one side has and
// the other has not to what both say.
func TestMigrationPageKnowsTheCommands(t *testing.T) {
	there, here := commandsOfMiniredis(t), commandsHere(t)
	text := readPage(t)
	require.Contains(t, text, "\nThere and not here: "+without(there, here)+".\n")
	require.Contains(t, text, "\nHere and not there: "+without(here, there)+".\n")
}

// without lists the commands of a that b has not.
func without(a, b map[string]bool) string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if !b[name] {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func commandsHere(t *testing.T) map[string]bool {
	c, err := script.Dial(redistest.New(t, redistest.Options{}).Addr(), 2)
	require.NoError(t, err)
	defer c.Close()
	v, err := c.Do("COMMAND", "LIST")
	require.NoError(t, err)
	names := map[string]bool{}
	for _, k := range v.Kids {
		if name, _, sub := strings.Cut(k.Text, "|"); !sub {
			names[strings.ToUpper(name)] = true
		}
	}
	return names
}

// commandsOfMiniredis reads its table: its reply to COMMAND is that of a real server.
func commandsOfMiniredis(t *testing.T) map[string]bool {
	names := map[string]bool{}
	for _, k := range reflect.ValueOf(miniredis.RunT(t).Server()).Elem().FieldByName("cmds").MapKeys() {
		names[strings.ToUpper(k.String())] = true
	}
	return names
}
