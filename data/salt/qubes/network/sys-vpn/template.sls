# SPDX-License-Identifier: GPL-2.0-or-later
# The template's part of qubes.network.sys-vpn: packages in, units on, desktop programs out. Run in the
# template of sys-vpn, and in that of sys-dns where it has one of its own.
{%- from "qubes/network/sys-vpn/map.jinja" import vpn, refusals, refuse with context %}
{%- set here = grains['id'] %}
{%- set for_dns = vpn.dns.enable and vpn.dns.manage and vpn.dns.template in ('', here) %}
{%- set for_vpn = here != vpn.dns.template or here == vpn.template.name %}
{%- set family = grains['os_family'] %}
{%- set wrong = refusals | list %}
{%- if here == 'dom0' %}
{%- do wrong.append('qubes.network.sys-vpn.template is for the template of the VPN qube; dom0 runs qubes.network.sys-vpn') %}
{%- elif family not in ('RedHat', 'Debian') %}
{%- do wrong.append(here ~ ' is neither Fedora nor Debian') %}
{%- elif for_dns and family == 'Debian' and grains['osmajorrelease'] | int < 13 %}
{%- do wrong.append('dnscrypt-proxy is packaged in Fedora and in Debian 13, not in Debian 12. Name a template that has it '
     ~ 'in the pillar (sysvpn:dns:template), or do without ' ~ vpn.dns.name ~ ' (sysvpn:dns:enable: false)') %}
{%- endif %}

{%- set names = {
  'RedHat': {
    'both': ['nftables', 'iproute', 'tcpdump', 'curl', 'qubes-core-agent-networking'],
    'vpn': ['NetworkManager', 'NetworkManager-openvpn', 'openvpn', 'wireguard-tools', 'polkit',
            'qubes-core-agent-network-manager'],
    'dns': ['dnscrypt-proxy'],
  },
  'Debian': {
    'both': ['nftables', 'iproute2', 'tcpdump', 'curl', 'qubes-core-agent-networking'],
    'vpn': ['network-manager', 'network-manager-openvpn', 'openvpn', 'wireguard-tools', 'polkitd',
            'qubes-core-agent-network-manager'],
    'dns': ['dnscrypt-proxy'],
  },
}.get(family, {}) %}
{%- set units = (['sysvpn-killswitch.service', 'sysvpn-import.service', 'sysvpn-agent.service', 'sysvpn-agent.socket',
                  'sysvpn-egress-probe.socket', 'sysvpn-openvpn-log.socket'] if for_vpn else [])
     + (['sysvpn-resolver.service', 'sysvpn-resolver-guard.service', 'sysvpn-resolver-redirect.service',
         'sysvpn-resolver.socket'] if for_dns else []) %}

{#- the package of sysvpn itself: a file that the user put into /srv/salt/files/sysvpn, or a repository #}
{%- set ending = '.rpm' if family == 'RedHat' else '.deb' %}
{%- set between = '-' if family == 'RedHat' else '_' %}
{%- set files = [] %}
{%- for path in salt['cp.list_master'](prefix='files/sysvpn') %}
{%- set rest = (path.split('/') | last).partition(vpn.package.name ~ between) %}
{%- if not rest[0] and rest[2][:1] in ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') and path.endswith(ending)
       and not path.endswith('.src.rpm') %}
{%- do files.append(path) %}
{%- endif %}
{%- endfor %}
{%- if files | length > 1 %}
{%- do wrong.append('there are several packages in salt://files/sysvpn, leave one: ' ~ files | join(', ')) %}
{%- endif %}

{%- if wrong %}
{{ refuse('template', wrong) }}
{%- else %}
packages:
  pkg.installed:
    - pkgs: {{ (names.both + (names.vpn if for_vpn else []) + (names.dns if for_dns else [])) | tojson }}
    - refresh: true
    - failhard: true
{% if files %}
package-file:
  file.managed:
    - name: /var/cache/sysvpn/{{ files[0].split('/') | last }}
    - source: salt://{{ files[0] }}
    - makedirs: true
    - mode: '0644'
    - failhard: true

package:
  pkg.installed:
    - sources:
      - {{ vpn.package.name }}: /var/cache/sysvpn/{{ files[0].split('/') | last }}
    - failhard: true
{% elif vpn.package.repository %}
package:
  pkg.installed:
    - name: {{ vpn.package.name }}
    - failhard: true
{% else %}
package:
  cmd.run:
    - name: >-
        echo 'The package {{ vpn.package.name }} is not installed here. Put its {{ ending }} into /srv/salt/files/sysvpn in dom0,
        or, if a repository of this template carries it, set sysvpn:package:repository to true in the pillar.' >&2; exit 1
    - unless: test -x /usr/libexec/sysvpn/user-script
    - failhard: true
{% endif %}
# The user of the agent. Packages make it themselves; who installed from the source may have forgotten.
users:
  cmd.run:
    - name: systemd-sysusers
    - unless: getent passwd sysvpn
    - failhard: true

# They do nothing in a qube that does not have the service sysvpn, or sysvpn-resolver.
units:
  cmd.run:
    - name: systemctl enable {{ units | join(' ') }}
    - unless: {{ ('for unit in ' ~ units | join(' ') ~ '; do systemctl --quiet is-enabled "$unit" || exit 1; done') | yaml_dquote }}
    - failhard: true
{% if vpn.template.remove_leftovers and here.endswith('-vpn-min') %}
{#- One at a time, by the tools that refuse to remove what something else needs: so a package of Qubes,
    or a recommended set that holds one, can never go along. -#}
{%- if family == 'RedHat' %}
{%- set list = "rpm -qa --qf '%{NAME}\\n'" %}
{%- set test_one = 'rpm -e --test' %}
{%- set remove_one = 'rpm -e' %}
{%- else %}
{%- set list = "dpkg-query -W -f '${db:Status-Abbrev} ${Package}\\n'" %}
{%- set test_one = 'dpkg --no-act --remove' %}
{%- set remove_one = 'dpkg --remove' %}
{%- endif %}
{%- set find %}
found() {
  for pattern in {% for pattern in vpn.template.leftovers %} '{{ pattern }}'{% endfor %}; do
    {{ list }} "$pattern" 2>/dev/null{{ ' | sed -n "s/^ii *//p"' if family == 'Debian' else '' }}
  done | grep -v '^qubes' | sort -u
}
{%- endset %}
leftovers:
  cmd.run:
    - name: |
        set -f
        {{ find | indent(8) }}
        went=yes
        while [ -n "$went" ]; do
          went=
          for one in $(found); do
            {{ test_one }} "$one" >/dev/null 2>&1 || continue
            {{ remove_one }} "$one" && went=yes
          done
        done
    - onlyif: |
        set -f
        {{ find | indent(8) }}
        for one in $(found); do {{ test_one }} "$one" >/dev/null 2>&1 && exit 0; done
        exit 1
    - require:
      - cmd: units
{% endif %}
{%- endif %}
