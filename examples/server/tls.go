package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// tlsFiles are what the -tls flags say, with redis-server's names.
type tlsFiles struct {
	cert, key, ca string
	auth          string // whether clients need a certificate too
}

// authTypes are the words of -tls-auth-clients.
var authTypes = map[string]tls.ClientAuthType{"yes": tls.RequireAndVerifyClientCert, "optional": tls.VerifyClientCertIfGiven, "no": tls.NoClientCert}

// config reads the files; nil if none are named.
func (f tlsFiles) config() (*tls.Config, error) {
	if f.cert == "" && f.key == "" {
		return nil, nil
	}
	own, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, err
	}
	auth, known := authTypes[f.auth]
	if !known {
		return nil, fmt.Errorf("-tls-auth-clients is yes, no or optional, not %q", f.auth)
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{own}, ClientAuth: auth}
	if auth != tls.NoClientCert {
		c.ClientCAs, err = pool(f.ca)
	}
	return c, err
}

// pool reads the certificates of those who sign the clients'.
func pool(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, errors.New("to check clients -tls-ca-cert-file is needed; -tls-auth-clients no lets in all of them")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate", file)
	}
	return p, nil
}
