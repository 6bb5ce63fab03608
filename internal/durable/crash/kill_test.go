package crash

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// Many kills, about one each 0.1 s:
//
//	go test ./internal/durable/crash -run TestKilledProcesses -kills 1000 -timeout 1h
var (
	kills    = flag.Int("kills", 10, "how many processes TestKilledProcesses kills, by each policy")
	killSeed = flag.Uint64("kills.seed", 0, "seed of TestKilledProcesses; 0 draws one")
)

// TestKilledProcesses: processes use a store under load, one after the other, and each is
// killed at some moment, also while it opens the store, saves it or shortens its log. No
// transaction is ever there in part. By the policy Always none is missing that was
// acknowledged, by EverySecond no more than a second's.
func TestKilledProcesses(t *testing.T) {
	if *killSeed == 0 {
		*killSeed = rand.Uint64()
	}
	for name, v := range map[string]victims{"always": {policy: store.SyncAlways, most: 400}, "everysec": {policy: store.SyncEverySecond, most: 10_000}} {
		t.Run(name, func(t *testing.T) {
			v.t, v.dir, v.found = t, t.TempDir(), make([]int, writersOfAVictim)
			v.rng = rand.New(rand.NewPCG(*killSeed, uint64(v.policy)))
			for i := range *kills {
				v.round(fmt.Sprintf("-kills.seed %d, kill %d", *killSeed, i))
			}
			v.look("in the end")
			require.Positive(t, v.acked, "there was load")
			require.Positive(t, v.kept(), "and some of it was written")
			t.Logf("-kills.seed %d: %d transactions were acknowledged, %d kept", *killSeed, v.acked, v.kept())
		})
	}
}

// victims are processes that are killed, and the directory that they use.
type victims struct {
	t      *testing.T
	dir    string
	policy store.Sync
	rng    *rand.Rand
	found  []int // by writer: how many transactions it has made
	acks   []killAck
	acked  int
	most   int // acknowledgements of a process
}

func (v *victims) kept() (n int) {
	for _, f := range v.found {
		n += f
	}
	return n
}

// round starts a process, kills it, and looks at what is left.
func (v *victims) round(name string) {
	v.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s", victimDir, v.dir),
		fmt.Sprintf("%s=%d", victimPolicy, v.policy), fmt.Sprintf("%s=%d", victimSeed, v.rng.Uint64()))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(v.t, err)
	require.NoError(v.t, cmd.Start())
	acks := make(chan []killAck)
	go v.listen(out, 1+v.rng.IntN(v.most), cmd.Process.Kill, acks)
	if v.rng.IntN(2) == 0 { // or after so many acknowledgements
		<-time.After(time.Duration(v.rng.IntN(200)) * time.Millisecond)
		_ = cmd.Process.Kill() // it may be dead already
	}
	got := <-acks
	end := time.Now()
	require.ErrorContains(v.t, cmd.Wait(), "killed", name)
	for i := range got {
		got[i].end = end
	}
	v.acked += len(got)
	if v.acks = append(v.acks, got...); v.rng.IntN(3) > 0 { // or the next one finds it so
		v.look(name)
	}
}

// killAck is a transaction of a writer that was acknowledged.
type killAck struct {
	writer, n int
	at        int64     // unix nanoseconds
	end       time.Time // of the process
}

// listen reads what a process acknowledges to its end, which it brings about itself after
// most of them.
func (v *victims) listen(out io.Reader, most int, kill func() error, acks chan<- []killAck) {
	var got []killAck
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var a killAck
		if n, err := fmt.Sscanf(lines.Text(), "%d %d %d", &a.writer, &a.n, &a.at); n != 3 || err != nil {
			v.t.Errorf("a process says %q", lines.Text())
		}
		if got = append(got, a); len(got) == most {
			_ = kill() // it may be dead already
		}
	}
	acks <- got
}

// look opens what a process left behind.
func (v *victims) look(name string) {
	v.t.Helper()
	s, err := store.Open(v.dir, store.Options{Durability: store.Durability{Sync: v.policy}})
	require.NoError(v.t, err, name)
	total := 0
	for w := range v.found {
		n := transactionsOf(v.t, s, w, name)
		require.GreaterOrEqual(v.t, n, v.found[w], "%s: what was there before is", name)
		v.found[w] = n
		total += n
	}
	require.EqualValues(v.t, total, s.Position(), "%s: each transaction is one position", name)
	require.Zero(v.t, sumOfAccounts(v.t, s), "%s: no transaction is there in part", name)
	for _, a := range v.acks {
		if a.n <= v.found[a.writer] {
			continue
		}
		require.NotEqual(v.t, store.SyncAlways, v.policy, "%s: %v is missing", name, a)
		require.Less(v.t, a.end.Sub(time.Unix(0, a.at)), time.Second, "%s: %v is missing", name, a)
	}
	v.acks = nil
	require.NoError(v.t, s.Close())
	leftovers, err := filepath.Glob(filepath.Join(v.dir, "*.damaged*"))
	require.NoError(v.t, err)
	require.Empty(v.t, leftovers, name)
}

// transactionsOf is how many a writer has made, which all of its keys have to agree on.
func transactionsOf(t *testing.T, s *store.Store, w int, name string) int {
	t.Helper()
	ctx := t.Context()
	n, _, err := writerText(s, w).Get(ctx)
	require.NoError(t, err)
	inHash, err := writerHash(s, w).GetMany(ctx, "n", "m")
	require.NoError(t, err)
	require.Equal(t, []int{n, -n}, []int{inHash[0].V, inHash[1].V}, name)
	list, err := writerList(s, w).Range(ctx, 0, -1)
	require.NoError(t, err)
	want := []int{}
	for i := max(n-listOfAVictim, 0); i < n; i++ {
		want = append(want, i+1)
	}
	require.Equal(t, want, list, name)
	return n
}

func sumOfAccounts(t *testing.T, s *store.Store) (sum int64) {
	for i := range accounts {
		n, _, err := types.NewString[int64](s, account(i)).Get(t.Context())
		require.NoError(t, err)
		sum += n
	}
	return sum
}
