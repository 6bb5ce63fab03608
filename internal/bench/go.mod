module github.com/residedb/reside/internal/bench

go 1.25.0

require github.com/residedb/reside v0.0.0

replace github.com/residedb/reside => ../../
