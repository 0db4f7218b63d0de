// Istio's own pilot as a judge: takes worlds as JSON lines (manifests, MeshConfig, the nodes that ask) and prints, a line each, what it
// would send to these nodes, and the objects that its validation refuses.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/util"
	"istio.io/istio/pilot/pkg/serviceregistry/util/label"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/log"
	proxies "istio.io/istio/pkg/model"
	"istio.io/istio/pkg/test"
)

const separator = "\n---\n"

type node struct {
	Name     string          `json:"name"`
	ID       string          `json:"id"`
	Metadata json.RawMessage `json:"metadata"`
}

type world struct {
	Name       string `json:"name"`
	Kubernetes string `json:"kubernetes"`
	Istio      string `json:"istio"`
	Mesh       string `json:"mesh"`
	Nodes      []node `json:"nodes"`
}

// resources by kind and name.
type resources map[string]map[string]json.RawMessage

type answer struct {
	Name    string               `json:"name"`
	Error   string               `json:"error,omitempty"`
	Refused []string             `json:"refused"`
	Nodes   map[string]resources `json:"nodes"`
}

func main() {
	options := log.DefaultOptions()
	options.OutputPaths = []string{"stderr"}
	options.SetDefaultOutputLevel("all", log.ErrorLevel)
	check(log.Configure(options))
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var w world
		check(json.Unmarshal(lines.Bytes(), &w))
		check(out.Encode(ask(w)))
	}
	check(lines.Err())
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func ask(w world) answer {
	a := answer{Name: w.Name, Refused: []string{}, Nodes: map[string]resources{}}
	err := test.Wrap(func(t test.Failer) {
		defer func() {
			if r := recover(); r != nil {
				a.Error = fmt.Sprint("panic: ", r)
			}
		}()
		settings := mesh.DefaultMeshConfig()
		// Where our control plane writes access logs unless it is told otherwise.
		settings.AccessLogFile = "/dev/stdout"
		settings, err := mesh.ApplyMeshConfig(w.Mesh, settings)
		if err != nil {
			t.Fatalf("MeshConfig: %v", err)
		}
		var configs []config.Config
		configs, a.Refused = parse(w.Istio)
		server := xds.NewFakeDiscoveryServer(t, xds.FakeOptions{
			KubernetesObjectString: w.Kubernetes, Configs: configs, MeshConfig: settings, DisableSecretAuthorization: true,
		})
		// Objects that the Gateway API's controllers make come a moment after the others.
		time.Sleep(50 * time.Millisecond)
		server.EnsureSynced(t)
		for _, n := range w.Nodes {
			a.Nodes[n.Name] = answerOf(t, server, n)
		}
	})
	if err != nil && a.Error == "" {
		a.Error = err.Error()
	}
	return a
}

// parse takes what validation takes, and tells why it refuses the rest.
func parse(text string) (configs []config.Config, refused []string) {
	refused = []string{}
	now := time.Now()
	for _, document := range strings.Split(text, separator) {
		if strings.TrimSpace(document) == "" {
			continue
		}
		list, _, err := crd.ParseInputs(document)
		if err != nil {
			why, _, _ := strings.Cut(err.Error(), ": apiVersion:")
			refused = append(refused, strings.Join(strings.Fields(why), " "))
		}
		for _, c := range list {
			c.Domain = "cluster.local"
			if c.CreationTimestamp.IsZero() {
				c.CreationTimestamp = now
			}
			configs = append(configs, c)
		}
	}
	return configs, refused
}

func answerOf(t test.Failer, server *xds.FakeDiscoveryServer, n node) resources {
	proxy := parseNode(t, n)
	place(proxy, server)
	proxy = server.SetupProxy(proxy)
	listeners := server.Listeners(proxy)
	return resources{
		"listener": byName(t, listeners), "cluster": byName(t, server.Clusters(proxy)),
		"route": byName(t, server.RoutesFromListeners(proxy, listeners)), "endpoint": byCluster(t, server.Endpoints(proxy)),
	}
}

func parseNode(t test.Failer, n node) *model.Proxy {
	metadata := &structpb.Struct{}
	if err := protojson.Unmarshal(n.Metadata, metadata); err != nil {
		t.Fatalf("metadata of %s: %v", n.ID, err)
	}
	meta, err := model.ParseMetadata(metadata)
	if err != nil {
		t.Fatalf("metadata of %s: %v", n.ID, err)
	}
	meta.IstioVersion = "1.31.0"
	proxy, err := model.ParseServiceNodeWithMetadata(n.ID, meta)
	if err != nil {
		t.Fatalf("node %s: %v", n.ID, err)
	}
	proxy.Labels = meta.Labels
	proxy.ConfigNamespace = model.GetProxyConfigNamespace(proxy)
	proxy.IstioVersion = model.ParseIstioVersion(meta.IstioVersion)
	return proxy
}

// place gives a proxy the labels and the locality that the registry knows of its pod, as pilot does when one connects.
func place(proxy *model.Proxy, server *xds.FakeDiscoveryServer) {
	proxy.SetWorkloadLabels(server.Env())
	parts := []string{proxy.Labels[label.LabelTopologyRegion], proxy.Labels[label.LabelTopologyZone], proxy.Labels[label.LabelTopologySubzone]}
	locality := strings.TrimRight(strings.Join(parts, "/"), "/")
	if locality == "" {
		locality = proxies.GetLocalityLabel(proxy.Labels)
	}
	proxy.Locality = util.ConvertLocality(locality)
	proxy.Labels = label.AugmentLabels(proxy.Labels, proxy.Metadata.ClusterID, locality, proxy.GetNodeName(), proxy.Metadata.Network)
}

func byName[T interface {
	proto.Message
	GetName() string
}](t test.Failer, list []T) map[string]json.RawMessage {
	return index(t, list, func(one T) string { return one.GetName() })
}

func byCluster[T interface {
	proto.Message
	GetClusterName() string
}](t test.Failer, list []T) map[string]json.RawMessage {
	return index(t, list, func(one T) string { return one.GetClusterName() })
}

func index[T proto.Message](t test.Failer, list []T, name func(T) string) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for _, one := range list {
		text, err := protojson.Marshal(one)
		if err != nil {
			t.Fatalf("%s: %v", name(one), err)
		}
		out[name(one)] = text
	}
	return out
}
