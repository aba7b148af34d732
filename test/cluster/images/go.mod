module pilotlight.dev/test/images

go 1.24
