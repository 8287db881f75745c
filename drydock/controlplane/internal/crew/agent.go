// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcore "k8s.io/client-go/kubernetes/typed/core/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"

	"seaworthy.dev/drydock/controlplane/internal/egress"
	"seaworthy.dev/drydock/controlplane/internal/netns"
)

// Settings are what an agent needs to know.
type Settings struct {
	Muster Muster
	// Folder holds volumes and root file systems, Logs the output of containers.
	Folder, Logs string
	// Addresses is the network from which pods of the crew get theirs, Services that of the cluster's Services.
	Addresses, Services netip.Prefix
	// ServiceIP is the address of the API server's Service; Server is where it really listens (host:port).
	ServiceIP netip.Addr
	Server    string
	Log       func(format string, values ...any)
}

// Agent runs the crew's pods.
type Agent struct {
	muster       Muster
	folder, logs string
	serviceIP    netip.Addr
	server       string
	log          func(string, ...any)

	client    kubernetes.Interface
	objects   *apiObjects
	addresses *addresses
	// quay ties the pods together; nil where the machine has no bridges, and then each pod is alone.
	quay     *netns.Quay
	recorder record.EventRecorder
	lister   corelisters.PodLister
	nodes    corelisters.NodeLister
	services corelisters.ServiceLister

	mu   sync.Mutex
	pods map[types.UID]*pod
	// idle agents start nothing: while a reset takes the pods away under them.
	idle bool
}

// Start runs an agent until ctx ends; it returns when its caches are filled.
func Start(ctx context.Context, client kubernetes.Interface, factory informers.SharedInformerFactory, s Settings) (*Agent, error) {
	broadcaster := record.NewBroadcaster(record.WithContext(ctx))
	broadcaster.StartRecordingToSink(&typedcore.EventSinkImpl{Interface: client.CoreV1().Events("")})
	a := &Agent{
		muster: s.Muster, folder: s.Folder, logs: s.Logs, serviceIP: s.ServiceIP, server: s.Server, log: s.Log,
		client: client, objects: newObjects(client), addresses: newAddresses(s.Addresses),
		recorder: broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "kubelet"}),
		lister:   factory.Core().V1().Pods().Lister(),
		nodes:    factory.Core().V1().Nodes().Lister(),
		services: factory.Core().V1().Services().Lister(),
		pods:     map[types.UID]*pod{},
	}
	if err := a.openQuay(s.Addresses, s.Services); err != nil {
		a.log("pods of the crew cannot reach each other: %v", err)
	}
	registration, err := factory.Core().V1().Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { a.observe(object.(*corev1.Pod)) },
		UpdateFunc: func(_, object any) { a.observe(object.(*corev1.Pod)) },
		DeleteFunc: a.gone,
	})
	if err != nil {
		return nil, fmt.Errorf("watch pods: %w", err)
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), registration.HasSynced) {
		return nil, errors.New("the list of pods did not arrive")
	}
	return a, nil
}

// proxyPort is where a pod finds the way to this machine's loopback, at the first address of its network.
const proxyPort = "3128"

// openQuay ties pods to each other. Receivers and registries that a test runs on this machine's loopback are reached
// by an HTTP proxy, as clusters reach the world where they may not go out; it goes nowhere else.
func (a *Agent) openQuay(whole, services netip.Prefix) error {
	if len(a.muster) == 0 {
		return nil
	}
	own, err := a.addresses.take()
	if err != nil {
		return err
	}
	quay, err := netns.NewQuay(own, whole, services)
	if err != nil {
		return err
	}
	listener, err := quay.Listen(net.JoinHostPort(own.String(), proxyPort))
	if err != nil {
		return errors.Join(err, quay.Close())
	}
	quay.OnClose(listener)
	go func() { _ = egress.ServeProxy(listener, egress.LoopbackOnly, a.log) }()
	a.quay = quay
	return nil
}

// observe compares what the API says of a pod with what runs.
func (a *Agent) observe(object *corev1.Pod) {
	if object.Spec.NodeName == "" || !a.muster.Has(object) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	known := a.pods[object.UID]
	switch {
	case known != nil:
		known.object.Store(object)
		if object.DeletionTimestamp != nil {
			known.cancel()
		} else {
			known.report() // somebody else may have changed the status
		}
	case a.idle:
	case object.DeletionTimestamp != nil:
		go a.remove(object)
	case object.Status.Phase != corev1.PodSucceeded && object.Status.Phase != corev1.PodFailed:
		a.begin(object)
	}
}

// begin needs the lock.
func (a *Agent) begin(object *corev1.Pod) {
	address, network, err := a.connect()
	if err != nil {
		a.log("pod %s/%s cannot start: %v", object.Namespace, object.Name, err)
		a.recorder.Event(object, corev1.EventTypeWarning, "FailedCreatePodSandBox", err.Error())
		return
	}
	p := newPod(a, object, address, network)
	a.pods[object.UID] = p
	p.run(context.Background())
	go a.await(p)
}

// connect makes a pod's network, with the API server in it.
func (a *Agent) connect() (netip.Addr, *netns.Namespace, error) {
	address, err := a.addresses.take()
	if err != nil {
		return address, nil, err
	}
	network, err := netns.New(address, a.serviceIP)
	if err != nil {
		a.addresses.giveBack(address)
		return address, nil, err
	}
	if err := a.furnish(network, address); err != nil {
		a.addresses.giveBack(address)
		_ = network.Close()
		return address, nil, err
	}
	return address, network, nil
}

// furnish puts the API server and the other pods into a pod's network.
func (a *Agent) furnish(network *netns.Namespace, address netip.Addr) error {
	listener, err := network.Listen(net.JoinHostPort(a.serviceIP.String(), "443"))
	if err != nil {
		return fmt.Errorf("offer the API server to the pod: %w", err)
	}
	network.OnClose(listener)
	go a.relay(listener)
	if a.quay == nil {
		return nil
	}
	return a.quay.Tie(network, address)
}

// relay carries a pod's connections to the real API server.
func (a *Agent) relay(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return // closed with the pod
		}
		go func() {
			defer client.Close()
			server, err := net.Dial("tcp", a.server)
			if err != nil {
				return
			}
			defer server.Close()
			egress.Splice(client, server)
		}()
	}
}

// await takes note of a pod's end, and tells the API when the pod was to be deleted.
func (a *Agent) await(p *pod) {
	<-p.done
	a.addresses.giveBack(p.address)
	a.mu.Lock()
	delete(a.pods, p.uid)
	a.mu.Unlock()
	if object := p.object.Load(); object.DeletionTimestamp != nil {
		a.remove(object)
	}
}

// remove finishes a deletion, as only the node may.
func (a *Agent) remove(object *corev1.Pod) {
	now := int64(0)
	err := a.client.CoreV1().Pods(object.Namespace).Delete(context.Background(), object.Name, metav1.DeleteOptions{
		GracePeriodSeconds: &now, Preconditions: &metav1.Preconditions{UID: &object.UID},
	})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		a.log("delete pod %s/%s: %v", object.Namespace, object.Name, err)
	}
}

func (a *Agent) gone(object any) {
	if unknown, is := object.(cache.DeletedFinalStateUnknown); is {
		object = unknown.Obj
	}
	deleted, is := object.(*corev1.Pod)
	if !is {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if known := a.pods[deleted.UID]; known != nil {
		known.kill()
	}
}

// writeStatus reports a pod's state when it differs from what the API has.
func (a *Agent) writeStatus(ctx context.Context, p *pod) error {
	object := p.object.Load()
	status := podStatus(object, p.findings(), metav1.Now())
	if reported(object, status) {
		return nil
	}
	patch, err := statusPatch(p.uid, status)
	if err != nil {
		return err
	}
	_, err = a.client.CoreV1().Pods(object.Namespace).
		Patch(ctx, object.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil // another pod of the name, or none: this one's end is on its way
	}
	return err
}

// Suspend ends all pods at once and starts none until Resume.
func (a *Agent) Suspend() {
	a.mu.Lock()
	a.idle = true
	ending := make([]*pod, 0, len(a.pods))
	for _, p := range a.pods {
		ending = append(ending, p)
		p.kill()
	}
	a.mu.Unlock()
	for _, p := range ending {
		<-p.done
	}
}

// Resume looks at all pods again.
func (a *Agent) Resume() {
	a.mu.Lock()
	a.idle = false
	a.mu.Unlock()
	pods, err := a.lister.List(labels.Everything())
	if err != nil {
		return // a lister reads memory: it has no errors
	}
	for _, object := range pods {
		a.observe(object)
	}
}

// Runs says whether an address belongs to a pod that runs here.
func (a *Agent) Runs(address string) bool { return a.at(address) != nil }

func (a *Agent) at(address string) *pod {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.pods {
		if p.ip == address {
			return p
		}
	}
	return nil
}

// Dial connects to a port of a pod of the crew.
func (a *Agent) Dial(ctx context.Context, target string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(target)
	if err != nil {
		return nil, fmt.Errorf("%q is no address of the form host:port", target)
	}
	p := a.at(host)
	if p == nil {
		return nil, fmt.Errorf("no pod of the crew has address %s", host)
	}
	return p.network.Dial(ctx, target)
}

// Log copies a container's output, up to tail lines from its end (all if negative).
func (a *Agent) Log(to io.Writer, namespace, name, container string, tail int) (path string, err error) {
	path = filepath.Join(a.logs, namespace+"_"+name, container+".log")
	_, err = to.Write(lastLines(path, tail))
	return path, err
}

// Has says whether a pod runs here.
func (a *Agent) Has(namespace, name string) bool {
	object, err := a.lister.Pods(namespace).Get(name)
	return err == nil && a.muster.Has(object)
}

func (a *Agent) hostIP(node string) string {
	object, err := a.nodes.Get(node)
	if err != nil {
		return ""
	}
	for _, address := range object.Status.Addresses {
		if address.Type == corev1.NodeInternalIP {
			return address.Address
		}
	}
	return ""
}

// serviceEnvironment tells every container where the API server is, as a kubelet does.
func (a *Agent) serviceEnvironment() map[string]string {
	host, port := a.serviceIP.String(), strconv.Itoa(443)
	url := "tcp://" + net.JoinHostPort(host, port)
	return map[string]string{
		"PATH": "/:/usr/local/bin:/usr/bin:/bin", "HOME": "/",
		"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port, "KUBERNETES_SERVICE_PORT_HTTPS": port,
		"KUBERNETES_PORT": url, "KUBERNETES_PORT_443_TCP": url, "KUBERNETES_PORT_443_TCP_PROTO": "tcp",
		"KUBERNETES_PORT_443_TCP_ADDR": host, "KUBERNETES_PORT_443_TCP_PORT": port,
	}
}
