# SPDX-License-Identifier: GPL-2.0-or-later
# What is to be other than /srv/salt/qubes/network/sys-vpn/defaults.yaml says. It is used after
#
#   sudo qubesctl top.enable sysvpn pillar=True
#
# Take the # off the lines that you need, and off those above them that name their part. No passwords
# and no keys: what is here is copied into other qubes.

sysvpn:
# vpn:
#   name: sys-vpn
#   label: orange
#   memory: 500
#   # what comes up by itself, for zurich.ovpn:
#   profile: zurich
# template:
#   # the template to clone, and the name of the clone
#   source: fedora-42-xfce
#   name: fedora-42-vpn-min
#   remove_leftovers: false
# package:
#   # a repository that the template has enabled carries the package sysvpn
#   repository: true
# chain:
#   uplink: sys-net
#   firewall: sys-firewall
# dns:
#   # no sys-dns: sys-vpn answers DNS by the resolvers of the tunnel
#   enable: false
#   # or: sys-dns is yours, it is only put into the chain
#   manage: false
#   # or a template of its own, and other resolvers of /etc/sysvpn/dnscrypt-proxy.toml
#   template: debian-13-xfce
#   resolvers: [mullvad-doh, cloudflare-doh]
# sandwich:
#   # a second firewall between sys-vpn and sys-net
#   enable: true
#   name: sys-firewall-vpn
# bypass:
#   # a firewall beside the VPN, and the qubes that are to use it
#   enable: true
#   name: sys-firewall-novpn
#   qubes: [bank]
# # auto, force or never
# wire: never
# # servers besides those that the profiles name
# endpoints:
#   - 198.51.100.20:443/tcp
# # addresses of servers that profiles give by name
# hosts:
#   vpn.example.net: [198.51.100.10]
# check:
#   # do not take the tunnel down for the test
#   quick: true
#   client: personal
