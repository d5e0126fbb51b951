# SPDX-License-Identifier: GPL-2.0-or-later
# dom0's part of qubes.network.sys-vpn: the template, the qubes, and when sys-vpn is ready, the wiring.
{%- from "qubes/network/sys-vpn/map.jinja" import vpn, refuse, tell with context %}
{%- from "qubes/network/sys-vpn/qubes.jinja" import qubes, create, mark_made, is_made, rewire,
   set_services, would with context %}
{%- from "qubes/network/sys-vpn/chain.jinja" import name, dns, uplink, first, source, template, dns_template,
   hindrances, is_wired, wrong, notes, bypass, wire with context %}
{%- from "qubes/network/sys-vpn/profiles.jinja" import with_secrets with context %}

{%- do wrong.extend(with_secrets) %}
{%- if not template %}
{%- do wrong.append('no template fedora-NN-xfce or fedora-NN is installed to clone: qvm-template install one, or name '
     ~ 'another in the pillar: sysvpn:template:source') %}
{%- elif template not in qubes and source not in qubes %}
{%- do wrong.append('there is no template ' ~ source ~ ' to clone to ' ~ template) %}
{%- endif %}
{%- for qube, its in ((name, template), (vpn.dns.name, vpn.dns.template if dns and vpn.dns.manage else '')) %}
{%- if its and qube in qubes %}
{%- if qubes[qube].class != 'AppVM' %}
{%- do wrong.append(qube ~ ' is there already, and is no AppVM; name another in the pillar') %}
{%- elif qubes[qube].template != its and qubes[qube].state != 'Halted' %}
{%- do wrong.append(qube ~ ' runs, so its template cannot be changed to ' ~ its ~ ': qvm-shutdown --wait ' ~ qube) %}
{%- endif %}
{%- endif %}
{%- endfor %}
{%- if dns and vpn.dns.manage and (dns_template if dns_template in qubes else source) | regex_match('^(debian-12)') %}
{%- do wrong.append('dnscrypt-proxy is packaged in Fedora and in Debian 13, not in Debian 12. Name a template that has it '
     ~ 'in the pillar (sysvpn:dns:template), or do without ' ~ dns ~ ' (sysvpn:dns:enable: false)') %}
{%- endif %}
{%- if dns and vpn.dns.manage and dns_template != template and dns_template not in qubes %}
{%- do wrong.append('there is no template ' ~ dns_template ~ '; sysvpn:dns:template names it') %}
{%- endif %}

{%- if wrong %}
{{ refuse('sysvpn', wrong) }}
{%- else %}

{%- if template not in qubes %}
{%- if opts.test %}
{{ would('template', 'qvm-clone ' ~ source ~ ' ' ~ template) }}
{%- else %}
template:
  qvm.clone:
    - name: {{ template }}
    - source: {{ source }}
    - failhard: true
{% endif %}
{{ mark_made(template) }}
{%- endif %}

{%- if vpn.sandwich.enable %}
{{ create(vpn.sandwich.name, qubes[vpn.chain.firewall].template, 'green',
          {'netvm': vpn.chain.uplink, 'provides-network': true, 'autostart': true}) }}
{%- endif %}

{#- one that was there before keeps what it has, but for what makes it a VPN qube #}
{%- set wanted = {'provides-network': true} %}
{%- if vpn.template.name or name not in qubes or is_made(name) %}
{%- do wanted.update({'template': template}) %}
{%- endif %}
{%- if name not in qubes or is_made(name) %}
{%- do wanted.update({'label': vpn.vpn.label, 'netvm': uplink, 'memory': vpn.vpn.memory, 'autostart': true}) %}
{%- endif %}
{{ create(name, template, vpn.vpn.label, wanted) }}
{#- it gets its own netvm back when this is removed #}
{%- if 'netvm' not in wanted %}
{{ rewire(name, uplink) }}
{%- endif %}
{#- Qubes leaves NetworkManager off; sys-vpn answers DNS itself only where there is no sys-dns #}
{{ set_services(name ~ '-services', name,
                {'network-manager': true, 'sysvpn': true, 'sysvpn-dns': none if dns else true}) }}

{%- if dns and vpn.dns.manage %}
{#- its netvm is part of the wiring #}
{%- set wanted = {'provides-network': true} %}
{%- if vpn.dns.template or dns not in qubes or is_made(dns) %}
{%- do wanted.update({'template': dns_template}) %}
{%- endif %}
{%- if dns not in qubes or is_made(dns) %}
{%- do wanted.update({'label': vpn.dns.label, 'memory': vpn.dns.memory, 'autostart': true}) %}
{%- endif %}
{%- if dns not in qubes %}
{%- do wanted.update({'netvm': vpn.chain.uplink}) %}
{%- endif %}
{{ create(dns, dns_template, vpn.dns.label, wanted) }}
{{ set_services(dns ~ '-services', dns, {'sysvpn-resolver': true}) }}
{%- endif %}

{%- if vpn.bypass.enable %}
{{ create(vpn.bypass.name, qubes[vpn.chain.firewall].template, 'red',
          {'netvm': vpn.chain.uplink, 'provides-network': true}) }}
{%- endif %}
{{ bypass() }}

{%- set targets = [template] + ([dns_template] if dns and vpn.dns.manage and dns_template != template else [])
     + [name] + ([dns] if dns and vpn.dns.manage else []) %}
{%- set chain = [vpn.chain.firewall] + ([dns] if dns else []) + [name]
     + ([vpn.sandwich.name] if vpn.sandwich.enable else []) + [vpn.chain.uplink] %}
{%- set lines = [] %}
{%- if is_wired %}
{%- do lines.append('The chain is ' ~ chain | join(' -> ') ~ '. To test it:') %}
{%- do lines.append('  sudo qubesctl --show-output state.sls qubes.tests.sys-vpn') %}
{%- do lines.append('After a change of the pillar or of files in /srv/salt/files, for the template and the qubes:') %}
{%- elif vpn.wire == 'never' %}
{%- do lines.append('The chain is not rewired: the pillar says sysvpn:wire: never. For the template and the qubes:') %}
{%- elif vpn.wire == 'force' or not hindrances %}
{{ wire() }}
{%- do lines.append('The chain ' ~ ('would be ' if opts.test else 'is now ') ~ chain | join(' -> ') ~ '. To test it:') %}
{%- do lines.append('  sudo qubesctl --show-output state.sls qubes.tests.sys-vpn') %}
{%- do lines.append('After a change of the pillar or of files in /srv/salt/files, for the template and the qubes:') %}
{%- else %}
{%- do lines.append('The chain is not rewired yet, nothing changed for your other qubes. What is missing:') %}
{%- for hindrance in hindrances %}
{%- do lines.append('  ' ~ hindrance) %}
{%- endfor %}
{%- do lines.append('1. The template and the qubes:') %}
{%- endif %}
{%- do lines.append('  sudo qubesctl --show-output --skip-dom0 --targets=' ~ targets | join(',') ~ ' state.sls qubes.network.sys-vpn') %}
{%- if not is_wired and vpn.wire == 'auto' and hindrances %}
{%- do lines.append('2. Start them:') %}
{%- do lines.append('  qvm-start --skip-if-running ' ~ ([name] + ([dns] if dns and vpn.dns.manage else [])) | join(' ')) %}
{%- do lines.append('3. Your provider\'s profile, from the qube that has it (qvm-copy FILE, to ' ~ name ~ '); then in ' ~ name ~ ':') %}
{%- do lines.append('  sudo install -m 0600 ~/QubesIncoming/QUBE/FILE /rw/config/vpn') %}
{%- do lines.append('  sudo sysvpn-import --autoconnect NAME --load') %}
{%- do lines.append('4. Here again, which rewires the chain:') %}
{%- do lines.append('  sudo qubesctl --show-output state.sls qubes.network.sys-vpn') %}
{%- endif %}
{%- do lines.extend(notes) %}
{{ tell('what-next', lines) }}
{%- endif %}
