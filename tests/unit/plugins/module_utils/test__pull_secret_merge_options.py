# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from ansible_collections.airgap.openshift.plugins.module_utils._pull_secret_merge_options import sources

OF_CLUSTER = {"kubeconfig": "/k", "context": None, "namespace": "openshift-config", "secret": "pull-secret"}
NOTHING = {"src": None, "content": None, "sources": None, **OF_CLUSTER}


def test_the_one_source_is_spelled_in_the_options_of_the_task():
    assert sources(NOTHING) == [{"name": "the cluster's pull secret", "src": None, "content": None, **OF_CLUSTER}]
    assert sources({**NOTHING, "content": "{}"})[0]["name"] == "the pull secret"
    assert sources({**NOTHING, "src": "/x"})[0]["src"] == "/x"


def test_several_sources_take_what_they_leave_out_from_the_task():
    item = {"src": None, "content": None, "kubeconfig": None, "context": "lab", "namespace": None, "secret": None}
    assert sources({**NOTHING, "sources": [item, {**item, "kubeconfig": "/other"}]}) == [
        {**OF_CLUSTER, "name": "source 1", "context": "lab", "src": None, "content": None},
        {**OF_CLUSTER, "name": "source 2", "context": "lab", "kubeconfig": "/other", "src": None, "content": None},
    ]


def test_an_empty_list_is_no_source_at_all():
    assert sources({**NOTHING, "sources": []}) == []
