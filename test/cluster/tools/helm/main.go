// The helm command, from Helm's own module.
package main

import (
	"errors"
	"os"

	helm "helm.sh/helm/v4/pkg/cmd"
	"helm.sh/helm/v4/pkg/kube"
)

func main() {
	// The name under which Helm's server-side apply owns fields.
	kube.ManagedFieldsManager = "helm"

	root, err := helm.NewRootCmd(os.Stdout, os.Args[1:], helm.SetupLogging)
	if err == nil {
		err = root.Execute()
	}
	if err == nil {
		return
	}
	var failed helm.CommandError
	if errors.As(err, &failed) {
		os.Exit(failed.ExitCode)
	}
	os.Exit(1)
}
