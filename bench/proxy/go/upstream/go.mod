module pilotlight.dev/bench/upstream

go 1.24
