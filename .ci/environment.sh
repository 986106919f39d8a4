# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by .ci/nox and .ci/e2e: goes to the collection's root, finds every Python, gets uv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# pyenv's shims answer 127 for a version that is not activated, which ends ansible-test and misleads
# Ansible's interpreter discovery: put the interpreters that they stand for in their place.
pythons=""
path=""
while IFS= read -r dir; do
  case $dir in
    */shims) pythons+=$(printf '%s\n' "${dir%/shims}"/versions/3.*/bin)$'\n' ;;
    *) path+=":$dir" ;;
  esac
done <<<"${PATH//:/$'\n'}"
pythons+=$(printf '%s\n' "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin)
while IFS= read -r dir; do
  [ -d "$dir" ] && path=":$dir$path"
done < <(sort -uV <<<"$pythons")
export PATH=${path#:}

# Otherwise each start of Ansible compiles all its sources again.
unset PYTHONDONTWRITEBYTECODE
export LC_ALL=C.UTF-8 UV_SYSTEM_CERTS=1 UV_CONSTRAINT=.ci/constraints.txt

# Virtual environments do not survive a move of the folder.
# Written once only: somebody else may be reading it.
if [ "$(cat .nox/path 2>/dev/null)" != "$PWD" ]; then
  rm -rf .nox
  mkdir -p .nox/bin
  printf %s "$PWD" >.nox/path
fi

# Where the path holds a space or is long, their scripts start through /bin/sh, which that of ansible-test 2.16
# does not survive: then they lie elsewhere.
if [ ! -d .nox/venvs ]; then
  if [[ $PWD == *[!A-Za-z0-9/._-]* || ${#PWD} -gt 80 ]]; then
    ln -sfn "$(mktemp -d /var/tmp/airgap-openshift-XXXXXX)" .nox/venvs
  else
    mkdir .nox/venvs
  fi
fi
venvs=$(readlink -f .nox/venvs)

if ! .nox/bin/uv --version >/dev/null 2>&1; then
  echo "Setting up (needs the Python package index) ..." >&2
  python3 -m venv "$venvs/uv" || {
    echo "Python's venv is missing: install python3 and python3-venv, then run this again." >&2
    exit 1
  }
  "$venvs/uv/bin/python" -m pip install -q --disable-pip-version-check -c .ci/constraints.txt uv
  ln -sf "$venvs/uv/bin/uv" .nox/bin/uv
fi
PATH=$PWD/.nox/bin:$PATH

# environment NAME PACKAGE...: a virtual environment $venvs/NAME that holds the packages
environment() {
  local python=$venvs/$1/bin/python
  # The one Python that every supported ansible-core runs on, else what the newest one runs on.
  [ -x "$python" ] ||
    uv venv -q --no-python-downloads --python 3.12 "$venvs/$1" 2>/dev/null ||
    uv venv -q --python ">=3.12" "$venvs/$1" || {
    echo "No Python that ansible-core 2.21 runs on: install Python 3.12 or newer, then run this again." >&2
    exit 1
  }
  uv pip install -q --python "$python" "${@:2}"
}
