// SPDX-License-Identifier: GPL-3.0-or-later

package cloud

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	storagelisters "k8s.io/client-go/listers/storage/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

// Annotations by which the volume controller, the scheduler and provisioners talk to each other.
// Source: k8s.io/component-helpers/storage/volume and kubernetes-csi/external-provisioner.
const (
	annotationProvisioner   = "volume.kubernetes.io/storage-provisioner"
	annotationSelectedNode  = "volume.kubernetes.io/selected-node"
	annotationProvisionedBy = "pv.kubernetes.io/provisioned-by"
)

// provisioner makes a volume for each claim that the volume controller hands to a provisioner outside of it, whatever
// that provisioner's name, and deletes volumes that were released.
type provisioner struct {
	client  kubernetes.Interface
	claims  corelisters.PersistentVolumeClaimLister
	volumes corelisters.PersistentVolumeLister
	nodes   corelisters.NodeLister
	classes storagelisters.StorageClassLister
	queue   workqueue.TypedRateLimitingInterface[task]
}

// task names a claim, or, with no namespace, a volume.
type task struct{ namespace, name string }

func newProvisioner(client kubernetes.Interface, factory informers.SharedInformerFactory) (*provisioner, error) {
	core := factory.Core().V1()
	p := &provisioner{
		client:  client,
		claims:  core.PersistentVolumeClaims().Lister(),
		volumes: core.PersistentVolumes().Lister(),
		nodes:   core.Nodes().Lister(),
		classes: factory.Storage().V1().StorageClasses().Lister(),
		queue: workqueue.NewTypedRateLimitingQueue(
			workqueue.DefaultTypedControllerRateLimiter[task]()),
	}
	for _, informer := range []cache.SharedIndexInformer{
		core.PersistentVolumeClaims().Informer(), core.PersistentVolumes().Informer(),
	} {
		if _, err := informer.AddEventHandler(p.handler()); err != nil {
			return nil, fmt.Errorf("watch volumes: %w", err)
		}
	}
	return p, nil
}

func (p *provisioner) handler() cache.ResourceEventHandlerFuncs {
	enqueue := func(object any) {
		if named, ok := object.(metav1.Object); ok {
			p.queue.Add(task{named.GetNamespace(), named.GetName()})
		}
	}
	return cache.ResourceEventHandlerFuncs{AddFunc: enqueue, UpdateFunc: func(_, new any) { enqueue(new) }}
}

func (p *provisioner) run(ctx context.Context) {
	go func() {
		<-ctx.Done()
		p.queue.ShutDown()
	}()
	for {
		next, over := p.queue.Get()
		if over {
			return
		}
		if err := p.sync(ctx, next); err != nil {
			p.queue.AddRateLimited(next)
		} else {
			p.queue.Forget(next)
		}
		p.queue.Done(next)
	}
}

func (p *provisioner) sync(ctx context.Context, next task) error {
	if next.namespace == "" {
		return p.syncVolume(ctx, next.name)
	}
	claim, err := p.claims.PersistentVolumeClaims(next.namespace).Get(next.name)
	if apierrors.IsNotFound(err) {
		return nil
	} else if err != nil {
		return err
	}
	return p.syncClaim(ctx, claim)
}

// syncVolume deletes a volume of ours whose claim is gone, as its reclaim policy says.
func (p *provisioner) syncVolume(ctx context.Context, name string) error {
	volume, err := p.volumes.Get(name)
	if apierrors.IsNotFound(err) {
		return nil
	} else if err != nil {
		return err
	}
	if !deletable(volume) {
		return nil
	}
	err = p.client.CoreV1().PersistentVolumes().Delete(ctx, name, metav1.DeleteOptions{
		Preconditions: &metav1.Preconditions{UID: &volume.UID},
	})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}

func deletable(volume *corev1.PersistentVolume) bool {
	return volume.Annotations[annotationProvisionedBy] != "" && volume.DeletionTimestamp == nil &&
		volume.Status.Phase == corev1.VolumeReleased &&
		volume.Spec.PersistentVolumeReclaimPolicy == corev1.PersistentVolumeReclaimDelete
}

func (p *provisioner) syncClaim(ctx context.Context, claim *corev1.PersistentVolumeClaim) error {
	if claim.Spec.StorageClassName == nil {
		return nil
	}
	class, err := p.classes.Get(*claim.Spec.StorageClassName)
	if apierrors.IsNotFound(err) {
		return nil
	} else if err != nil {
		return err
	}
	if !wanted(claim, class) {
		return nil
	}
	var node *corev1.Node
	if name := claim.Annotations[annotationSelectedNode]; name != "" {
		if node, err = p.nodes.Get(name); err != nil {
			return fmt.Errorf("node of claim %s/%s: %w", claim.Namespace, claim.Name, err)
		}
	}
	_, err = p.client.CoreV1().PersistentVolumes().Create(ctx, volumeFor(claim, class, node), metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// wanted says whether it is this provisioner's turn: the volume controller has handed the claim over, and where the
// class waits for a consumer, the scheduler has chosen its node.
func wanted(claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass) bool {
	if claim.Spec.VolumeName != "" || claim.DeletionTimestamp != nil {
		return false
	}
	if claim.Annotations[annotationProvisioner] != class.Provisioner {
		return false
	}
	waits := class.VolumeBindingMode != nil && *class.VolumeBindingMode == storagev1.VolumeBindingWaitForFirstConsumer
	return !waits || claim.Annotations[annotationSelectedNode] != ""
}

// volumeFor is the volume as its CSI driver would make it, in the zone of the node.
func volumeFor(claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass, node *corev1.Node) *corev1.PersistentVolume {
	reclaim := corev1.PersistentVolumeReclaimDelete
	if class.ReclaimPolicy != nil {
		reclaim = *class.ReclaimPolicy
	}
	name := "pvc-" + string(claim.UID)
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Annotations: map[string]string{annotationProvisionedBy: class.Provisioner},
		},
		Spec: corev1.PersistentVolumeSpec{
			Capacity:                      corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]},
			AccessModes:                   claim.Spec.AccessModes,
			VolumeMode:                    claim.Spec.VolumeMode,
			StorageClassName:              class.Name,
			MountOptions:                  class.MountOptions,
			PersistentVolumeReclaimPolicy: reclaim,
			NodeAffinity:                  zoneOf(node),
			ClaimRef: &corev1.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim",
				Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID, ResourceVersion: claim.ResourceVersion,
			},
			PersistentVolumeSource: corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{
				Driver: class.Provisioner, VolumeHandle: name, FSType: class.Parameters["csi.storage.k8s.io/fstype"],
			}},
		},
	}
}

// zoneOf ties a volume to its node's zone: disks of the clouds do not leave theirs.
func zoneOf(node *corev1.Node) *corev1.VolumeNodeAffinity {
	if node == nil || node.Labels[corev1.LabelTopologyZone] == "" {
		return nil
	}
	return &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
		MatchExpressions: []corev1.NodeSelectorRequirement{{
			Key: corev1.LabelTopologyZone, Operator: corev1.NodeSelectorOpIn,
			Values: []string{node.Labels[corev1.LabelTopologyZone]},
		}},
	}}}}
}
