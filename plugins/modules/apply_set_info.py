#!/usr/bin/python
# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at one set of objects; the action plugin of the same name does it where the connection is local."""

from __future__ import annotations

DOCUMENTATION = r"""
module: apply_set_info
short_description: Tell what a set of Kubernetes objects is, what a run would change and what that would disturb
version_added: 0.2.0
description:
  - Renders the set as M(seaworthy.platform.apply_set) does, compares it with the cluster and sends no write.
  - What is not as desired is dry-run by the API server, so RV(objects) is what a run would do.
  - RV(disruptions) lists what would restart, be replaced or be deleted; RV(members) how far each object is.
author: Seaworthy founders (@seaworthy)
extends_documentation_fragment:
  - seaworthy.platform._attributes
attributes:
  check_mode:
    support: full
    details: It never changes anything.
  diff_mode:
    support: full
    details: Before and after come from the API server; values of Secrets appear as a keyed hash that differs each run.
  idempotent:
    support: full
  async:
    support: partial
    details: Only where C(cluster.provider) is V(kubeconfig).
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
  harden:
    description:
      - V(platform) adds to each workload what production needs and the template does not say (security context,
        spread, disruption budget and more). V(none) leaves the objects as they are.
    type: str
    choices: [none, platform]
    default: none
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
      - Tell also what would be deleted, since the set applied it before and no longer holds it.
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
  on_foreign:
    description:
      - How to see an object that exists without this set's label. V(yield) lists it in RV(yielded) with its owner;
        V(adopt) tells what taking it over would change.
    type: str
    choices: [yield, adopt]
    default: yield
seealso:
  - module: seaworthy.platform.apply_set
"""

EXAMPLES = r"""
- name: Look at what the next run would do
  seaworthy.platform.apply_set_info:
    name: shop
    cluster: {provider: kubeconfig, kubeconfig: ~/.kube/config, context: staging}
    src: manifests/shop
  register: shop

- name: Refuse to go on at noon if pods would restart
  ansible.builtin.assert:
    that: shop.disruptions | length == 0
"""

RETURN = r"""
set:
  description: Name of the set.
  returned: always
  type: str
in_sync:
  description: Whether a run would change nothing.
  returned: always
  type: bool
ready:
  description: Whether every object is there and ready.
  returned: always
  type: bool
summary:
  description: Counts, as M(seaworthy.platform.apply_set) returns them.
  returned: always
  type: dict
objects:
  description: What a run would change, each with its object, action, reason, source and changed paths.
  returned: always
  type: list
  elements: dict
disruptions:
  description:
    - What a run would disturb, each with C(object) and C(effect). C(restarted) means that pods are replaced,
      C(replaced) that the object is deleted and made anew, C(deleted) that it left the set. C(paths) say why.
  returned: always
  type: list
  elements: dict
members:
  description: Every object of the set with C(action), C(ready) and, where it is not ready, C(status).
  returned: always
  type: list
  elements: dict
members_left_out:
  description: How many entries of RV(members) were left out to keep the result small.
  returned: when some were
  type: int
yielded:
  description: Objects and fields that belong to others, and who these are.
  returned: when there are any
  type: list
  elements: dict
kept:
  description: Objects that left the set and would stay, each with the reason.
  returned: when there are any
  type: list
  elements: dict
timing:
  description: Seconds by phase, and in total.
  returned: always
  type: dict
requests:
  description: Requests to the API server by verb.
  returned: always
  type: dict
failure:
  description: Class, code, request id, remedy and details of what went wrong.
  returned: on failure
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._apply.arguments import INFO_ARGUMENTS, UNASKED, inline, request_of
from ..module_utils._apply.auth import cluster_credentials
from ..module_utils._apply.engine import inspect_set
from ..module_utils._common.clock import SystemClock
from ..module_utils._common.outcome import leave
from ..module_utils._common.progress import silent


def main() -> None:
    module = AnsibleModule(**INFO_ARGUMENTS.keywords(), supports_check_mode=True)
    options = {**UNASKED, **module.params}
    leave(
        module,
        lambda: inspect_set(
            request_of(options, inline(options["definition"])),
            cluster_credentials(options["cluster"]),
            diff=module._diff,
            progress=silent(options["name"]),
            clock=SystemClock(),
        ),
    )


if __name__ == "__main__":
    main()
