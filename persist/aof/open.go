package aof

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/residedb/reside/internal/vfs"
)

// Open opens append-only data: a directory of Redis 7 with its manifest, the manifest
// itself, or the one file of an older Redis. A Redis that writes to it meanwhile does no
// harm: what is read may end in the middle of something, which is left out. It returns an
// error that is fs.ErrNotExist for what is missing, and *persist.DamageError for a
// manifest that is none, or that names a file which is missing.
func Open(path string, o Options) (*Reader, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	dir, name := path, ""
	if !info.IsDir() {
		dir, name = filepath.Split(path)
	}
	from, err := vfs.OS(dir) // which is there
	if err != nil {
		return nil, err
	}
	return openIn(from, name, o)
}

// openIn opens a file of a directory, or its manifest for "".
func openIn(from vfs.FS, name string, o Options) (*Reader, error) {
	if name == "" {
		var err error
		if name, err = findManifest(from); err != nil {
			return nil, err
		}
	}
	if !strings.HasSuffix(name, manifestSuffix) {
		return begin(from, []link{{name: name}}, nil, o)
	}
	m, err := readManifest(from, name)
	if err != nil {
		return nil, err
	}
	return begin(from, m.files(), m, o)
}

// findManifest finds the manifest of a directory. What Redis calls temp-*.manifest is one
// that it was about to write.
func findManifest(from vfs.FS) (found string, err error) {
	names, err := from.List()
	if err != nil {
		return "", err
	}
	for _, n := range names {
		switch {
		case !strings.HasSuffix(n, manifestSuffix) || strings.HasPrefix(n, "temp"):
		case found != "":
			return "", fmt.Errorf("aof: the directory has two manifests, %q and %q: open one of them", found, n)
		default:
			found = n
		}
	}
	if found == "" {
		return "", fmt.Errorf("aof: the directory has no manifest, which Redis 7 writes to its appenddirname (open the file of an older Redis itself): %w", os.ErrNotExist)
	}
	return found, nil
}
