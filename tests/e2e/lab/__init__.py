# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Throw-away bastions, a TLS registry and a cluster's API on one bare Linux machine: no daemon, no container images.

`machine` says what is missing here, `roots` builds file systems, `outside` starts and ends a lab, `inside` is its
PID 1, `hosts` starts hosts, `access` is for programs that run in it. The way in by hand: `python3 tests/e2e/lab help`.
"""
