# SPDX-License-Identifier: GPL-2.0-or-later
# qubes.network.sys-vpn.remove: every qube that was rewired gets the netvm back that it had, for dom0.
# The qubes stay, unless the pillar says sysvpn:remove:qubes: true; that deletes your profiles with them.
{%- from "qubes/network/sys-vpn/map.jinja" import vpn, refusals, refuse, tell with context %}
{%- if refusals %}
{{ refuse('pillar', refusals) }}
{%- elif grains['id'] != 'dom0' %}
{{ refuse('place', ['qubes.network.sys-vpn.remove is for dom0: without --targets']) }}
{%- else %}
{%- from "qubes/network/sys-vpn/qubes.jinja" import qubes, features, is_made, is_as_given, netvm_of, tagged,
   set_prefs, unwire, would with context %}
{%- set ours = [vpn.vpn.name, vpn.dns.name, vpn.sandwich.name, vpn.bypass.name] %}
{#- from the clients to the tunnel, so that there is always a way #}
{%- set rewired = tagged('sysvpn-rewired').split() %}
{%- set rewired = rewired | reject('in', ours) | list + rewired | select('in', ours) | list %}
{%- set made = [] %}
{%- for qube in tagged('sysvpn-made').split() if is_made(qube) %}
{%- do made.append(qube) %}
{%- endfor %}
{%- set wrong = [] %}
{%- for qube in rewired %}
{%- set before = features[qube]['sysvpn-netvm-before'] if is_as_given(qube) else 'none' %}
{%- if before not in ('none', 'default') and before not in qubes %}
{%- do wrong.append('the netvm that ' ~ qube ~ ' had is gone: ' ~ before ~ '. Give it another: qvm-prefs ' ~ qube ~ ' netvm NAME') %}
{%- endif %}
{%- endfor %}
{%- if vpn.remove.qubes %}
{%- for qube, about in qubes.items() if about.class != 'AdminVM' and qube not in made and qube not in rewired %}
{%- if netvm_of(qube) in made or about.template in made %}
{%- do wrong.append(qube ~ ' uses ' ~ (netvm_of(qube) if netvm_of(qube) in made else about.template)
     ~ ', which would be deleted: give it another, or set sysvpn:remove:qubes to false') %}
{%- endif %}
{%- endfor %}
{%- endif %}

{%- if wrong %}
{{ refuse('removal', wrong) }}
{%- else %}
{%- for qube in rewired %}
{{ unwire(qube) }}
{%- endfor %}
{%- for qube in ours if qube in made and not vpn.remove.qubes %}
{{ set_prefs(qube ~ '-prefs', qube, {'autostart': '*default*'}) }}
{%- endfor %}
{%- if vpn.remove.qubes %}
{#- clients before those that they go through, the template when nobody has it any more #}
{%- set order = [vpn.dns.name, vpn.vpn.name, vpn.sandwich.name, vpn.bypass.name] %}
{%- for qube in order | select('in', made) | list + made | reject('in', order) | list %}
{%- if opts.test %}
{{ would(qube ~ '-absent', 'qvm-remove --force ' ~ qube) }}
{%- else %}
{%- if qubes.get(qube, {}).get('state') != 'Halted' %}
{{ qube }}-shutdown:
  qvm.shutdown:
    - name: {{ qube }}
    - failhard: true
{% endif %}
{{ qube }}-absent:
  qvm.absent:
    - name: {{ qube }}
    - failhard: true
{% endif %}
{%- endfor %}
{%- elif made %}
{{ tell('what-is-left', ['These stay, with what is in them: ' ~ made | join(', ') ~ '. To delete them too:',
   '  sudo qubesctl --show-output state.sls qubes.network.sys-vpn.remove pillar=\'{"sysvpn": {"remove": {"qubes": true}}}\'']) }}
{%- endif %}
{%- if not rewired and not made %}
{{ tell('nothing-to-do', ['No qube was made or rewired by qubes.network.sys-vpn.']) }}
{%- endif %}
{%- endif %}
{%- endif %}
