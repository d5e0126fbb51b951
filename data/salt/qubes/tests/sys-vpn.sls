# SPDX-License-Identifier: GPL-2.0-or-later
# qubes.tests.sys-vpn: `sysvpn check`, the test of the whole chain, for dom0:
#
#   sudo qubesctl --show-output state.sls qubes.tests.sys-vpn
#
# It takes the tunnel down for some seconds and restores what it found; not with sysvpn:check:quick.
{%- from "qubes/network/sys-vpn/map.jinja" import vpn, refusals, refuse with context %}
{%- set words = ['sysvpn', '--qube', vpn.vpn.name, 'check'] %}
{%- if vpn.check.quick %}{% do words.append('--quick') %}{% endif %}
{%- if vpn.sandwich.enable %}{% do words.append('--sandwich') %}{% endif %}
{%- if vpn.check.client %}{% do words.extend(['--client', vpn.check.client]) %}{% endif %}
{%- if refusals %}
{{ refuse('pillar', refusals) }}
{%- elif grains['id'] != 'dom0' %}
{{ refuse('place', ['qubes.tests.sys-vpn is for dom0: without --targets']) }}
{%- else %}
check-of-the-chain:
  cmd.run:
    - name: {{ words | join(' ') }}
{%- endif %}
