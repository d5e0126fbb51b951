# SPDX-License-Identifier: GPL-2.0-or-later
# qubes.network.sys-vpn: the VPN qube from nothing to a rewired chain. The same name does in dom0, in
# the template, in sys-vpn and in sys-dns what is to be done there:
#
#   sudo qubesctl --show-output state.sls qubes.network.sys-vpn
#
# does dom0's part and prints the command for the rest. Again, when sys-vpn has a profile, it rewires
# sys-dns and the firewall. qubes.network.sys-vpn.remove undoes the wiring.
{%- from "qubes/network/sys-vpn/map.jinja" import vpn, refusals, refuse with context %}
{%- set here = grains['id'] %}
{%- set templates = [vpn.template.name, vpn.dns.template] | reject('equalto', '') | list %}

{%- if refusals %}
{{ refuse('pillar', refusals) }}
{%- elif here == 'dom0' %}
include:
  - qubes.network.sys-vpn.dom0
{%- elif here == vpn.vpn.name %}
include:
  - qubes.network.sys-vpn.qube
{%- elif here == vpn.dns.name %}
include:
  - qubes.network.sys-dns
{%- elif here in templates or here.endswith('-vpn-min') %}
include:
  - qubes.network.sys-vpn.template
{%- else %}
{{ refuse('place', [here ~ ' has no part in this: it is not dom0, ' ~ vpn.vpn.name ~ ', ' ~ vpn.dns.name ~
   ' or their template. If it is the template, say so in the pillar: sysvpn:template:name']) }}
{%- endif %}
