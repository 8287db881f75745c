#!/usr/bin/python
# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apply one set of objects to one cluster; the action plugin of the same name does it where the connection is local."""

from __future__ import annotations

DOCUMENTATION = r"""
module: apply_set
short_description: Keep one set of Kubernetes objects exactly as rendered, and wait until it is ready
version_added: 0.1.0
description:
  - Renders a role's templates (or takes manifests), applies them in order with server-side apply, and waits until
    all of them are ready under one deadline. What is not ready in time is explained from its pods, events and logs.
  - An object that is already exactly so costs nothing but its part of one LIST for its kind. Only what differs is
    dry-run, then written. Fields of other owners are left alone.
  - Everything that the server, a quota or a webhook would refuse is found by dry run before the first write.
  - An object that exists and does not carry this set's label is not touched, see O(on_foreign).
  - Where the connection is local it runs in the Ansible process and shows its progress live.
author: Seaworthy founders (@seaworthy)
extends_documentation_fragment:
  - seaworthy.platform._attributes
attributes:
  check_mode:
    support: full
    details: What needs a namespace or a definition that does not exist yet is reported as not validated.
  diff_mode:
    support: full
    details: Before and after come from the API server; values of Secrets appear as a keyed hash that differs each run.
  idempotent:
    support: full
  async:
    support: partial
    details: Only where C(cluster.provider) is V(kubeconfig), and without live progress.
  platform:
    platforms: posix
    support: full
options:
  name:
    description: Name of the set. It marks every object; another name is another set.
    type: str
    required: true
  cluster:
    description:
      - Which cluster, as the role P(seaworthy.platform.resolve#role) finds it. No credential is in it.
      - Default is the fact C(platform_cluster), which the role C(resolve) sets.
      - "For a task of your own this is enough: C({provider: kubeconfig, kubeconfig: PATH, context: NAME})."
    type: dict
  state:
    description:
      - V(managed) applies the set.
      - V(external) does nothing; somebody else runs it on this cluster.
      - V(absent) deletes every object that carries the set's label. CustomResourceDefinitions, volumes and their
        claims, and a Namespace that holds what the set did not make are kept and listed.
      - V(released) hands the objects over. The set's label, its annotations and its name on the fields go; every value
        stays.
      - V(verified) writes nothing and fails where an object is not exactly as desired, or not ready.
    type: str
    choices: [managed, external, absent, released, verified]
    default: managed
  components:
    description:
      - Folders of C(templates/) that are switched on, as a list or as a map of name to boolean. Default is all.
      - C(*.yaml.j2) is rendered, each expression being one whole YAML value; C(*.yaml) is taken verbatim.
    type: raw
  pins:
    description: Versions and images of the components; available to templates as C(pins).
    type: dict
    default: {}
  src:
    description:
      - A folder in the shape of a role (C(templates/COMPONENT/)), or one of plain manifests. Default is the role
        that the task stands in.
    type: path
  namespace:
    description:
      - Where namespaced objects go that name no namespace. The set must bring the Namespace, or it must exist.
    type: str
  definition:
    description: The objects themselves, instead of templates. For few and small ones.
    type: list
    elements: dict
  helm_template:
    description:
      - A chart to render instead of templates, by the program helm on the controller. No release is kept.
      - Charts that have hooks are refused by the names of these, since nobody but Helm runs them.
    type: dict
    suboptions:
      chart:
        description: A folder, an archive, or a reference (C(oci://...)) that helm understands.
        type: str
        required: true
      version:
        description: Version of the chart.
        type: str
      release:
        description: Name of the release as templates see it. Default is the set's name.
        type: str
      values:
        description: Values of the chart. They are passed by standard input.
        type: dict
        default: {}
      hooks:
        description: V(refuse) names the hooks and stops; V(leave_out) applies the rest. Hooks of tests never count.
        type: str
        choices: [refuse, leave_out]
        default: refuse
      binary:
        description: The program.
        type: str
        default: helm
      kubernetes_version:
        description: Version of Kubernetes as templates see it.
        type: str
      api_versions:
        description: API versions as templates see them.
        type: list
        elements: str
        default: []
  target:
    description:
      - V(directory) asks no cluster and writes the set as files below O(directory), one object a file, for a Git
        repository. Label and change mark of the set are left out; files of the set that left it are removed.
      - A Secret with values is refused.
    type: str
    choices: [cluster, directory]
    default: cluster
  directory:
    description: Where the files go with O(target=directory).
    type: path
  harden:
    description:
      - V(platform) adds to each workload what production needs and the template does not say (security context,
        spread, disruption budget and more). V(none) leaves the objects as they are.
    type: str
    choices: [none, platform]
    default: none
  on_foreign:
    description:
      - What to do about an object that exists without this set's label. V(fail) lists the owners before any write;
        V(adopt) takes it over; V(yield) leaves it to its owner and applies the rest.
      - Where the task does not say, the variable C(platform_on_foreign) does.
    type: str
    choices: [fail, adopt, yield]
    default: fail
  drift_check:
    description:
      - How an object is found to be unchanged. V(ownership) asks the server's record of who owns which field, which
        every write of somebody else changes.
      - V(values) compares the values as well, and V(dry_run) asks the server about every object. They find what an
        admission webhook left behind, or an apply by hand under the set's own name, and cost more.
    type: str
    choices: [ownership, values, dry_run]
    default: ownership
  recreate:
    description:
      - Kinds whose objects are deleted and made anew where a field differs that cannot change. A single object asks for
        it by the annotation C(seaworthy.dev/recreate=true). Otherwise the run fails and names the field and its values.
      - The server is asked first whether the new object could be made. A StatefulSet is deleted without its pods, which
        the new one takes over. CustomResourceDefinition, Namespace, PersistentVolumeClaim and PersistentVolume are
        refused.
    type: list
    elements: str
    default: []
  migrate_managers:
    description:
      - With O(on_foreign=adopt), field managers whose fields become the set's. What they wrote and the template lacks
        leaves the object (RV(objects) lists it as C(dropped)). Without that it would stay for ever.
      - The default names tools that somebody runs, not controllers. Other managers of an adopted object are listed as
        C(other_managers); name one here if it is gone.
    type: list
    elements: str
    default:
      - kubectl-client-side-apply
      - kubectl-create
      - kubectl-replace
      - kubectl
      - before-first-apply
      - OpenAPI-Generator
      - helm
      - Helm
  ignore_fields:
    description:
      - Fields that somebody else rules once the object exists. A kind, C(KIND.GROUP) or one object
        (C(KIND/NAMESPACE/NAME)), and a list of paths as RV(objects) shows them, like
        C(spec.template.spec.containers[app].image), C(metadata.annotations["example.com/key"]) or
        C(webhooks[*].failurePolicy).
      - A new object gets the value of the template. Later the field is neither compared nor changed.
      - So are, without being named, C(spec.replicas) of what a HorizontalPodAutoscaler scales, and the CA bundles of
        webhooks, definitions and APIServices into which something injects them. RV(yielded) lists all of them.
    type: dict
    default: {}
  prune:
    description:
      - Delete what this set applied before and no longer holds, after all the rest is ready. It is found by the set's
        label in the kinds that the set's record names (ConfigMap C(set-NAME) in namespace C(seaworthy-system), made
        on demand), and deleted only as it was read.
      - An object stays, and is listed in RV(kept), if a controller owns it, if the set never applied it, or if an
        annotation says so (C(seaworthy.dev/keep=true), or that of Helm, Flux or Argo CD).
      - An empty set deletes nothing and fails, if anything would go.
    type: bool
    default: true
  prune_kinds:
    description: Kinds that are deleted only if they stand here, since more than themselves would be lost.
    type: list
    elements: str
    choices: [Namespace, CustomResourceDefinition, PersistentVolumeClaim, PersistentVolume, StatefulSet]
    default: []
  prune_max:
    description:
      - How many objects one run may delete; more is refused before any write. Default is 30 % of the set, at most 20
        and at least 5.
    type: int
  wait:
    description: Wait until the whole set is ready.
    type: bool
    default: true
  wait_timeout:
    description: Seconds for all of it; applying and waiting share them.
    type: int
    default: 600
  lock_timeout:
    description:
      - Seconds to wait for another run that is changing the same set; then this one fails and names it. A run that
        changes nothing neither takes nor minds the lock (Lease C(set-NAME) in namespace C(seaworthy-system)).
      - What a killed run left is free by itself after 30 seconds.
    type: int
    default: 60
seealso:
  - module: seaworthy.platform.eks_cluster
"""

EXAMPLES = r"""
- name: Apply the layer whose role this task stands in
  seaworthy.platform.apply_set:
    name: certificates
    cluster: "{{ ansible_facts.platform_cluster }}"
    state: "{{ certificates_state }}"
    components: [cert-manager, issuers]
    harden: platform

- name: Keep a folder of manifests applied to the cluster of a kubeconfig
  seaworthy.platform.apply_set:
    name: shop
    cluster: {provider: kubeconfig, kubeconfig: ~/.kube/config, context: staging}
    src: manifests/shop

- name: Take over what kubectl made before
  seaworthy.platform.apply_set:
    name: shop
    src: manifests/shop
    on_foreign: adopt

- name: Keep a chart applied, without Helm in the cluster
  seaworthy.platform.apply_set:
    name: podinfo
    namespace: podinfo
    helm_template:
      chart: oci://ghcr.io/stefanprodan/charts/podinfo
      version: 6.9.0
      values: {replicaCount: 2}

- name: Write the set for a Git repository instead
  seaworthy.platform.apply_set:
    name: shop
    src: manifests/shop
    target: directory
    directory: ../fleet-repository/shop

- name: Remove the set
  seaworthy.platform.apply_set:
    name: shop
    state: absent
"""

RETURN = r"""
set:
  description: Name of the set.
  returned: always
  type: str
state:
  description: The state asked for.
  returned: always
  type: str
summary:
  description: Counts, among them C(total), C(unchanged), C(created), C(configured), C(recreated), C(yielded),
    C(not_attempted), C(not_validated), C(taken_back), C(pruned) and C(kept); for O(state=absent) C(deleted) and
    C(kept); for O(state=released) C(released).
  returned: when a cluster was asked
  type: dict
objects:
  description: What changed or would change, each with its object, action, reason, source, changed paths, fields taken
    back from other owners, and whether the server could validate it.
  returned: always
  type: list
  elements: dict
objects_left_out:
  description: How many entries of RV(objects) were left out to keep the result small.
  returned: when some were
  type: int
diffs_left_out:
  description: How many differences were left out to keep the result small.
  returned: when some were
  type: int
yielded:
  description: Objects and fields that were left to their owners, and who these are.
  returned: when there are any
  type: list
  elements: dict
kept:
  description: Objects that left the set and stay, each with the reason.
  returned: when there are any
  type: list
  elements: dict
warnings:
  description: What the run had to do without, like a lock that this identity may not keep.
  returned: when there are any
  type: list
  elements: str
timing:
  description: Seconds by phase, and in total.
  returned: when the set was looked at
  type: dict
requests:
  description: Requests to the API server by verb.
  returned: when the set was looked at
  type: dict
failure:
  description: Class, code, request id, remedy and details of what went wrong.
  returned: on failure
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._apply.arguments import ARGUMENTS, inline, request_of
from ..module_utils._apply.auth import cluster_credentials
from ..module_utils._apply.engine import apply_set
from ..module_utils._common.clock import SystemClock
from ..module_utils._common.outcome import leave
from ..module_utils._common.progress import silent


def main() -> None:
    module = AnsibleModule(**ARGUMENTS.keywords(), supports_check_mode=True)
    options = module.params
    leave(
        module,
        lambda: apply_set(
            request_of(options, inline(options["definition"])),
            cluster_credentials(options["cluster"]),
            check_mode=module.check_mode,
            diff=module._diff,
            progress=silent(options["name"]),
            clock=SystemClock(),
        ),
    )


if __name__ == "__main__":
    main()
