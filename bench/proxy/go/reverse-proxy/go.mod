module pilotlight.dev/bench/reverse-proxy

go 1.24
