module pilotlight.dev/bench/echo-load

go 1.25
