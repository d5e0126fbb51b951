# SPDX-License-Identifier: GPL-2.0-or-later
# qubes.network.sys-vpn.wire: the wiring alone, for dom0. qubes.network.sys-vpn waits until sys-vpn is
# ready; this one fails then and says what is missing.
{%- from "qubes/network/sys-vpn/map.jinja" import vpn, refusals, refuse with context %}
{%- if refusals %}
{{ refuse('pillar', refusals) }}
{%- elif grains['id'] != 'dom0' %}
{{ refuse('place', ['qubes.network.sys-vpn.wire is for dom0: without --targets']) }}
{%- else %}
{%- from "qubes/network/sys-vpn/qubes.jinja" import qubes with context %}
{%- from "qubes/network/sys-vpn/chain.jinja" import name, dns, hindrances, wrong, bypass, wire with context %}
{%- for qube in (name, dns) if qube and qube not in qubes %}
{%- do wrong.append('there is no qube ' ~ qube ~ ': qubesctl state.sls qubes.network.sys-vpn makes it') %}
{%- endfor %}
{%- if vpn.wire == 'never' %}
{%- do wrong.append('the pillar says sysvpn:wire: never') %}
{%- elif vpn.wire == 'auto' %}
{%- do wrong.extend(hindrances) %}
{%- endif %}
{%- if wrong %}
{{ refuse('wiring', wrong) }}
{%- else %}
{{ bypass() }}
{{ wire() }}
{%- endif %}
{%- endif %}
