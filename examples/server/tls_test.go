package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// authority is a certificate with its key, in files.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	crt  string // files
	pem  string
}

// issue makes a certificate that by has signed, or that has signed itself.
func issue(t *testing.T, name string, by *authority) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotAfter: time.Now().Add(time.Hour), IsCA: by == nil, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	if by == nil {
		by = &authority{cert: template, key: key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, &key.PublicKey, by.key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	dir := t.TempDir()
	a := &authority{template, key, filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key")}
	write := func(file, kind string, b []byte) {
		require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600))
	}
	write(a.crt, "CERTIFICATE", der)
	write(a.pem, "PRIVATE KEY", secret)
	return a
}

func TestTLSWithClientCertificates(t *testing.T) {
	ca := issue(t, "ca", nil)
	own, client, stranger := issue(t, "server", ca), issue(t, "client", ca), issue(t, "stranger", nil)
	p := start(t, "-tls-cert-file", own.crt, "-tls-key-file", own.pem, "-tls-ca-cert-file", ca.crt)
	cli := func(more ...string) []string {
		return append([]string{"-p", p.port, "--tls", "--cacert", ca.crt}, more...)
	}
	require.Equal(t, "PONG\n", run1(t, "", "redis-cli", cli("--cert", client.crt, "--key", client.pem, "PING")...))
	for name, args := range map[string][]string{
		"no TLS":         {"-p", p.port, "PING"},
		"no certificate": cli("PING"),
		"a stranger's":   cli("--cert", stranger.crt, "--key", stranger.pem, "PING"),
	} {
		out, _ := exec.Command("redis-cli", args...).CombinedOutput()
		require.NotContains(t, string(out), "PONG", name)
		require.NotEmpty(t, out, name)
	}
	p.stop(syscall.SIGTERM)

	open := start(t, "-tls-cert-file", own.crt, "-tls-key-file", own.pem, "-tls-auth-clients", "no")
	require.Equal(t, "PONG\n", run1(t, "", "redis-cli", "-p", open.port, "--tls", "--cacert", ca.crt, "PING"))
	open.stop(syscall.SIGTERM)
}

func TestBadTLSFlags(t *testing.T) {
	ca := issue(t, "ca", nil)
	own := []string{"-addr", ":0", "-tls-cert-file", ca.crt, "-tls-key-file", ca.pem}
	for want, flags := range map[string][]string{
		"-tls-ca-cert-file is needed":   own,
		"is yes, no or optional":        append(own, "-tls-auth-clients", "maybe"),
		"holds no certificate":          append(own, "-tls-ca-cert-file", ca.pem),
		"no such file or directory":     {"-addr", ":0", "-tls-cert-file", ca.crt},
		"nowhere to listen":             {"-addr", ""},
		"invalid value":                 {"-unixsocketperm", "rwx"},
		"private key does not match":    {"-addr", ":0", "-tls-cert-file", ca.crt, "-tls-key-file", issue(t, "other", nil).pem},
		"open /nonsense/ca.crt: no suc": append(own, "-tls-ca-cert-file", "/nonsense/ca.crt"),
	} {
		out, err := exec.Command(program, flags...).CombinedOutput()
		require.Error(t, err, flags)
		require.Contains(t, string(out), want)
	}
}

func TestUnixSocketFlags(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reside.sock")
	p := start(t, "-unixsocket", path, "-unixsocketperm", "770")
	line, err := p.more.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "Reside accepts connections on "+path+"\n", line)
	require.Equal(t, "OK\n", run1(t, "", "redis-cli", "-s", path, "SET", "k", "v"))
	require.Equal(t, "$1", p.do("GET k"))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o770), info.Mode().Perm())
	p.stop(syscall.SIGTERM)
	require.NoFileExists(t, path)
}
