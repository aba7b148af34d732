// Every part of Kubernetes and kubectl in one binary; the first argument says which one to be.
// One link instead of six, and a build from Go modules alone: no download site, no container image.
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// Functions, because some of these constructors touch global flags: only the chosen one may run.
var parts = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllers.NewControllerManagerCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kube-proxy":              proxy.NewProxyCommand,
	"kubelet":                 func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) },
	"kubectl":                 kubectl.NewDefaultKubectlCommand,
}

func main() {
	if len(os.Args) > 1 {
		if newCommand, known := parts[os.Args[1]]; known {
			os.Args = os.Args[1:] // kubectl looks at os.Args by itself when it searches for plugins
			if os.Args[0] == "kubectl" {
				kubectlutil.CheckErr(cli.RunNoErrOutput(newCommand())) // exits with kubectl's own messages and codes
				return
			}
			os.Exit(cli.Run(newCommand()))
		}
	}
	fmt.Fprintf(os.Stderr, "usage: kubernetes %s [flags]\n", strings.Join(slices.Sorted(maps.Keys(parts)), "|"))
	os.Exit(2)
}
