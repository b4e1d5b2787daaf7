#!/usr/bin/env bash
# Brings the real servers that tests and the bench start, and skips what is already there.
#
#   install.sh [name ...]   installs those named, or all
#   install.sh --list       prints name, path and whether it is there
#
# Debian packages go where Debian puts them (this needs root). The rest is built with Go from the modules beside
# this file (go.sum fixes every source) into $LIVETALLY_CACHE/bin, by default ~/.cache/livetally/bin.
# locate.ts holds the same names and paths.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${LIVETALLY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/livetally}
names=(influxdb-2.9.1 influxdb-1.8.10 influxdb-1.6.7 victoria-metrics prometheus promtool telegraf docker-compose chromium cc)
new_policy=
failed=()

path_of() {
  case $1 in
    influxdb-2.9.1) echo "$cache/bin/influxd-2.9.1" ;;
    influxdb-1.8.10) echo "$cache/bin/influxd-1.8.10" ;;
    telegraf) echo "$cache/bin/telegraf-1.37.2" ;;
    docker-compose) echo "$cache/bin/docker-compose-2.40.3" ;;
    influxdb-1.6.7) echo /usr/bin/influxd ;;
    victoria-metrics | prometheus | promtool | chromium | cc) echo "/usr/bin/$1" ;;
    *) return 1 ;;
  esac
}

debian_package_of() {
  case $1 in
    influxdb-1.6.7) echo influxdb ;;
    promtool) echo prometheus ;;
    victoria-metrics | prometheus | chromium) echo "$1" ;;
    cc) echo gcc ;;
  esac
}

list() {
  local name path state
  for name in "${names[@]}"; do
    path=$(path_of "$name")
    if [[ -x $path ]]; then state=present; else state=missing; fi
    printf '%-17s %-60s %s\n' "$name" "$path" "$state"
  done
}

install_debian_packages() {
  if [[ $EUID -ne 0 ]] || ! command -v apt-get >/dev/null; then
    echo "install.sh: the Debian packages '$*' are missing: run this as root on Debian" >&2
    return 1
  fi
  echo "installing the Debian packages: $*"
  export DEBIAN_FRONTEND=noninteractive
  forbid_daemons
  local apt=(apt-get -q -y -o DPkg::Lock::Timeout=600)
  # The lock of the package lists, unlike dpkg's, is not waited for.
  local try
  for try in 1 2 3 4 5; do
    "${apt[@]}" update && break
    [[ $try -eq 5 ]] || sleep 10
  done
  "${apt[@]}" install --no-install-recommends "$@" || return 1
  if [[ -d /run/systemd/system ]]; then
    local unit
    for unit in "$@"; do
      systemctl disable --quiet "$unit" 2>/dev/null || true # not every package has a unit
    done
  fi
}

# The tests start servers of their own: a daemon that a package starts would only take its default port.
forbid_daemons() {
  if [[ ! -e /usr/sbin/policy-rc.d ]]; then
    new_policy=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' >"$new_policy"
    chmod +x "$new_policy"
  fi
}

# build NAME MODULE_FOLDER PACKAGE [go build option ...]
build() {
  local name=$1 module=$2 package=$3 path log started=$SECONDS
  shift 3
  path=$(path_of "$name")
  log=$cache/log/${path##*/}.log
  mkdir -p "$cache/bin" "$cache/log"
  echo "building $name (log: $log) ..."
  if go_build "$module" "$path.partial" "$package" "$@" >"$log" 2>&1 && mv "$path.partial" "$path"; then
    echo "built $name in $((SECONDS - started)) s: $path"
  else
    rm -f "$path.partial"
    tail -n 20 "$log" >&2
    return 1
  fi
}

# go_build MODULE_FOLDER OUTPUT PACKAGE [option ...]
go_build() {
  local module=$1 output=$2 package=$3
  shift 3
  (cd "$here/$module" && GOWORK=off go build -mod=readonly -trimpath "$@" -o "$output" "$package")
}

# Flux, inside InfluxDB 2, links a Rust library: InfluxData's own pkg-config builds it with cargo while go builds.
# A toolchain pinned by that library may not be installed, so the one that is installed takes its place.
build_influxdb_2() {
  local wrapper=$cache/bin/pkg-config log=$cache/log/pkg-config.log
  mkdir -p "$cache/log"
  if ! go_build influxdb-2.9.1 "$wrapper" github.com/influxdata/pkg-config >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    return 1
  fi
  local -x PKG_CONFIG=$wrapper CARGO_PROFILE_RELEASE_LTO=off CGO_ENABLED=1
  if command -v rustup >/dev/null; then
    local toolchain
    toolchain=$(rustup show active-toolchain 2>/dev/null || rustup toolchain list)
    local -x RUSTUP_TOOLCHAIN=${toolchain%%[[:space:]]*}
  fi
  build influxdb-2.9.1 influxdb-2.9.1 github.com/influxdata/influxdb/v2/cmd/influxd \
    -ldflags '-s -w -X main.version=2.9.1'
}

build_by_name() {
  case $1 in
    influxdb-2.9.1) build_influxdb_2 ;;
    influxdb-1.8.10)
      build "$1" influxdb-1.8.10 github.com/influxdata/influxdb/cmd/influxd -ldflags '-s -w -X main.version=1.8.10'
      ;;
    telegraf)
      build "$1" telegraf-1.37.2 github.com/influxdata/telegraf/cmd/telegraf \
        -tags custom,inputs.http,outputs.influxdb_v2,parsers.json_v2,serializers.influx \
        -ldflags '-s -w -X github.com/influxdata/telegraf/internal.Version=1.37.2'
      ;;
    docker-compose)
      build "$1" docker-compose-2.40.3 github.com/docker/compose/v2/cmd \
        -ldflags '-s -w -X github.com/docker/compose/v2/internal.Version=v2.40.3'
      ;;
  esac
}

needed_tools() {
  case $1 in
    influxdb-2.9.1) echo go cargo cc pkg-config git ;;
    influxdb-1.8.10 | telegraf | docker-compose) echo go git ;;
  esac
}

install_missing() {
  local name package tool packages=() builds=()
  for name in "$@"; do
    [[ ! -x $(path_of "$name") ]] || continue
    package=$(debian_package_of "$name")
    if [[ -z $package ]]; then
      builds+=("$name")
    elif [[ " ${packages[*]-} " != *" $package "* ]]; then
      packages+=("$package")
      [[ $name != cc ]] || packages+=(libc6-dev)
    fi
    if [[ $name == influxdb-2.9.1 ]]; then
      command -v pkg-config >/dev/null || packages+=(pkg-config)
      command -v cc >/dev/null || packages+=(gcc libc6-dev)
    fi
  done
  if [[ ${#packages[@]} -gt 0 ]]; then
    install_debian_packages "${packages[@]}" || failed+=("${packages[@]}")
  fi
  for name in ${builds[@]+"${builds[@]}"}; do
    for tool in $(needed_tools "$name"); do
      if ! command -v "$tool" >/dev/null; then
        echo "install.sh: $name cannot be built without '$tool'" >&2
        failed+=("$name")
        continue 2
      fi
    done
    build_by_name "$name" || failed+=("$name")
  done
}

main() {
  if [[ ${1-} == --list ]]; then
    list
    return
  fi
  local name
  for name in "$@"; do
    if ! path_of "$name" >/dev/null; then
      echo "install.sh: there is no '$name'; known are: ${names[*]}" >&2
      exit 2
    fi
  done
  [[ $# -gt 0 ]] || set -- "${names[@]}"
  mkdir -p "$cache"
  exec 9>"$cache/install.lock"
  flock 9 # another run may be building the same
  trap '[[ -z $new_policy ]] || rm -f "$new_policy"' EXIT
  install_missing "$@"
  if [[ ${#failed[@]} -gt 0 ]]; then
    echo "install.sh: could not install: ${failed[*]}" >&2
    exit 1
  fi
  for name in "$@"; do
    echo "$name: $(path_of "$name")"
  done
}

main "$@"
