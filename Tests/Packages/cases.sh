#!/usr/bin/env bash
# The cases of Tests/Packages/run, in a fresh Debian with the packages in /debs.
set -euo pipefail
shopt -s inherit_errexit
export DEBIAN_FRONTEND=noninteractive

log=$(mktemp)
newer=/newer failing=/failing
state=/var/lib/clawnode

# Everything that our packages may add to a minimal Debian, the names of both releases. What encodes clips is not among them:
# it brings FFmpeg's libraries, and whoever wants pictures only goes without.
allowed='clawnode|clawnode-media|clawnode-demo|libjson-c5|libssl3|libssl3t64|libstdc\+\+6|libgcc-s1'
allowed+='|libturbojpeg0|libjpeg62-turbo|libv4lconvert0|libv4lconvert0t64'
# Sound cards' descriptions, a few hundred kilobytes, come with libasound's data as a recommendation.
allowed+='|libasound2|libasound2t64|libasound2-data|alsa-topology-conf|alsa-ucm-conf'
# For PNGs of screens: a few hundred kilobytes.
allowed+='|libpng16-16|libpng16-16t64'

failed=0
# holds SENTENCE COMMAND…; in a shell of its own, where what fails ends it
holds() {
    local sentence=$1 status
    shift
    # Not with `||`, which would switch errexit off inside.
    set +e
    (
        set -e
        "$@"
    ) >"$log" 2>&1
    status=$?
    set -e
    if [[ $status -eq 0 ]]; then
        echo "ok      $sentence"
    else
        failed=$((failed + 1))
        echo "FAILED  $sentence"
        tail -n 40 "$log"
    fi
}

apt() { apt-get --yes -qq -o Dpkg::Use-Pty=0 --allow-downgrades "$@" </dev/null; }

# repack FOLDER VERSION: the packages once more under another version; `edit` may change what dpkg-deb has unpacked.
repack() {
    local folder=$1 version=$2 deb tree old
    mkdir -p "$folder"
    for deb in /debs/*.deb; do
        tree=$(mktemp -d)
        dpkg-deb --raw-extract "$deb" "$tree"
        old=$(dpkg-deb --field "$deb" Version)
        sed -i "s/\\b${old//./\\.}/$version/g" "$tree/DEBIAN/control"
        edit "$(dpkg-deb --field "$deb" Package)" "$tree"
        dpkg-deb --root-owner-group -Znone --build "$tree" "$folder" >/dev/null
        rm -rf "$tree"
    done
}

# What must outlive all but a purge.
fingerprint() { sha256sum "$state"/* /etc/clawnode/clawnode.json && stat -c '%n %a %U:%G' "$state" "$state"/*; }
unchanged() { diff /fingerprint <(fingerprint); }
version() { dpkg-query -W -f '${Version} ${db:Status-Abbrev}' "$1"; }
is() { diff <(echo "$1") <(echo "$2"); }

small() {
    local added
    added=$(printf '%s\n' /debs/*.deb | grep -v /clawnode-encode_ | xargs apt-get --yes install --simulate | sed -n 's/^Inst \([^ :]*\).*/\1/p' | sort -u)
    echo "$added"
    for name in clawnode clawnode-media clawnode-demo; do grep -qx "$name" <<<"$added"; done
    ! grep -vxE "$allowed" <<<"$added"
}

installs() {
    apt install /debs/*.deb
    clawnode version
    clawnode-demo --help
    /usr/libexec/clawnode/clawnode-media --version
    /usr/libexec/clawnode/clawnode-encode --version
    clawnode config check
}

performs() {
    clawnode invoke device.info | grep -q '"systemName"'
    cd "$(mktemp -d)"
    # A gateway and a node that pairs with it; a drawn picture where there is no camera.
    clawnode-demo
}

# Where man, the shells and journalctl look for what explains the programs.
explained() {
    local share=/usr/share
    for page in man1/clawnode.1 man5/clawnode.json.5 man8/clawnode-media.8 man8/clawnode-encode.8 man1/clawnode-demo.1; do
        zcat "$share/man/$page.gz" | grep '^\.TH '
    done
    for file in bash-completion/completions/clawnode zsh/vendor-completions/_clawnode fish/vendor_completions.d/clawnode.fish; do
        grep -q 'clawnode complete' "$share/$file"
    done
    journalctl --list-catalog | grep ' clawnode: The node has not joined a gateway$'
}

enabled() {
    is enabled "$(systemctl is-enabled clawnode.service)"
    is enabled "$(systemctl is-enabled clawnode-media.socket)"
    # Only who wants a node of their own.
    [[ -f /usr/lib/systemd/user/clawnode.service && -z $(find /etc/systemd/user -name 'clawnode*') ]]
}

users() {
    is 'clawnode' "$(id -nG clawnode)"
    is 'audio clawnode-media render video' "$(id -nG clawnode-media | tr ' ' '\n' | sort | paste -sd' ')"
}

# systemd-analyze complains without failing.
sound() {
    local told
    told=$(systemd-analyze verify --man=no clawnode.service clawnode-media.socket 'clawnode-media@1.service' 2>&1)
    if [[ -n $told ]]; then echo "$told" && return 1; fi
}

sound_for_users() {
    local told
    mkdir -p /run/user/0
    told=$(XDG_RUNTIME_DIR=/run/user/0 systemd-analyze --user verify --man=no clawnode.service clawnode-media.socket \
        'clawnode-media@1.service' clawnode-session.service 2>&1)
    if [[ -n $told ]]; then echo "$told" && return 1; fi
}

# exposed UNIT LIMIT, in tenths: a unit that is no more exposed than that
exposed() { systemd-analyze security --offline=true --threshold="$2" "$1"; }

pairs() {
    install -d -m 0700 -o clawnode -g clawnode "$state"
    clawnode identity # as the owner of the directory
    setpriv --reuid=clawnode --regid=clawnode --clear-groups sh -c "umask 077 && echo '{}' >$state/tokens.json"
    # The owner's own words.
    sed -i 's/\/\/ "camera": true/"camera": true/' /etc/clawnode/clawnode.json
    clawnode config check | grep -q camera
    fingerprint >/fingerprint
}

upgrades() {
    apt install $newer/*.deb
    is '9.0 ii ' "$(version clawnode)"
    unchanged
}

downgrades() {
    apt install /debs/*.deb
    is "$(dpkg-deb --field /debs/clawnode_*.deb Version) ii " "$(version clawnode)"
    unchanged
}

# A new version that cannot be set up, and the old one put back; then one that cannot even be unpacked.
fails() {
    if apt install $failing/postinst/*.deb; then return 1; fi
    unchanged
    apt install /debs/*.deb
    if apt install $failing/preinst/*.deb; then return 1; fi
    is "$(dpkg-deb --field /debs/clawnode_*.deb Version) ii " "$(version clawnode)"
    unchanged
}

removes() {
    apt remove clawnode
    [[ ! -e /usr/bin/clawnode && ! -e /usr/bin/clawnode-demo && ! -e /usr/libexec/clawnode ]]
    unchanged
    apt install /debs/*.deb
    unchanged
    enabled
}

purges() {
    touch /etc/clawnode/config.d-of-the-owner
    apt purge clawnode clawnode-media clawnode-encode clawnode-demo
    # Users stay, so that nobody else gets their numbers.
    find / -xdev \( -name '*clawnode*' -o -path '*/clawnode/*' \) -not -path '/proc/*' -not -path '/debs*' \
        -not -path "$newer/*" -not -path "$failing/*" -not -path "/tmp/*" | tee /left
    [[ ! -s /left ]]
}

apt update
# The system may have been made before Debian's last release, and a library is of one version for all architectures: what has
# to be renewed with it does not come along for our sake.
apt dist-upgrade >"$log"

edit() { :; }
repack $newer 9.0
for script in preinst postinst; do
    edit() { printf '#!/bin/sh\nexit 1\n' >"$2/DEBIAN/$script" && chmod 755 "$2/DEBIAN/$script"; }
    repack $failing/$script 9.1
done

holds 'nothing comes along but small libraries' small
holds 'they install, and the programs run' installs
holds 'the programs perform what they are asked, and shake hands with a gateway' performs
holds 'its pages, completions and explanations of messages are where they are looked for' explained
holds 'services are switched on, a user'\''s own are not' enabled
holds 'the users have the groups that devices belong to, and no more' users
holds 'systemd finds nothing wrong with the units' sound
holds 'nor with those of a user' sound_for_users
holds 'the daemon is exposed 1.4 at most' exposed clawnode.service 14
holds 'the media worker is exposed 1.0 at most' exposed clawnode-media@1.service 10
holds 'a node has an identity' pairs
holds 'an upgrade keeps identity, tokens and the owner'\''s configuration' upgrades
holds 'so does a downgrade' downgrades
holds 'so does an upgrade that fails' fails
holds 'so does a removal, and what is installed again is the same node' removes
holds 'a purge leaves nothing' purges
holds 'after it they install again' installs
[[ $failed -eq 0 ]]
