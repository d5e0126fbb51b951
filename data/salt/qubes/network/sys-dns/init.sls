# SPDX-License-Identifier: GPL-2.0-or-later
# qubes.network.sys-dns: the resolver qube, without the VPN's part. In dom0 and in the template it is
# qubes.network.sys-vpn, which makes both qubes, because neither is of use alone; in sys-dns it
# chooses the resolvers.
{%- from "qubes/network/sys-vpn/map.jinja" import vpn, refusals, refuse with context %}
{%- set here = grains['id'] %}
{%- if refusals %}
{{ refuse('pillar', refusals) }}
{%- elif not (vpn.dns.enable and vpn.dns.manage) %}
{{ refuse('place', ['the pillar says that ' ~ vpn.dns.name ~ ' is not managed: sysvpn:dns']) }}
{%- elif here != vpn.dns.name %}
include:
  - qubes.network.sys-vpn
{%- else %}
programs:
  cmd.run:
    - name: >-
        echo 'sysvpn or dnscrypt-proxy is not installed here. Apply qubes.network.sys-vpn to the template, then restart
        this qube: qvm-shutdown --wait {{ here }} && qvm-start {{ here }}. dnscrypt-proxy is packaged in Fedora and in
        Debian 13, not in Debian 12.' >&2; exit 1
    - unless: command -v dnscrypt-proxy && test -x /usr/libexec/sysvpn/resolver
    - failhard: true

{%- set own = '/rw/config/sysvpn-resolver/dnscrypt-proxy.toml' %}
{%- set shipped = '/etc/sysvpn/dnscrypt-proxy.toml' %}
{%- set mark = '# written by Salt from the pillar sysvpn:dns:resolvers; changes here are lost' %}
{%- if vpn.dns.resolvers %}
{%- set choose = "sed -e '1i " ~ mark ~ "' -e \"s/^server_names *=.*/server_names = ['" ~ vpn.dns.resolvers | join("', '") ~ "']/\" "
      ~ shipped %}
resolvers-known:
  cmd.run:
    - name: >-
        echo 'The configuration of sysvpn-resolver has no resolver of one of these names: {{ vpn.dns.resolvers | join(', ') }}.
        {{ shipped }} lists those that it has.' >&2; exit 1
    - unless: {{ ('for name in ' ~ vpn.dns.resolvers | join(' ') ~ "; do grep -qF \"[static.'$name']\" " ~ shipped
                  ~ ' || exit 1; done') | yaml_dquote }}
    - failhard: true

resolvers-yours:
  cmd.run:
    - name: >-
        echo '{{ own }} is yours, so the pillar sysvpn:dns:resolvers cannot be followed: move the file away, or empty
        that list' >&2; exit 1
    - onlyif: test -e {{ own }}
    - unless: {{ ('grep -qF "' ~ mark ~ '" ' ~ own) | yaml_dquote }}
    - failhard: true

resolvers:
  cmd.run:
    - name: {{ ('mkdir -p /rw/config/sysvpn-resolver && ' ~ choose ~ ' >' ~ own) | yaml_dquote }}
    - unless: {{ ('test "$(' ~ choose ~ ')" = "$(cat ' ~ own ~ ' 2>/dev/null)"') | yaml_dquote }}
{%- else %}
resolvers:
  cmd.run:
    - name: rm {{ own }}
    - onlyif: {{ ('grep -qsF "' ~ mark ~ '" ' ~ own) | yaml_dquote }}
{%- endif %}

resolver-restarted:
  cmd.run:
    - name: systemctl try-restart sysvpn-resolver.service
    - onchanges:
      - cmd: resolvers
{%- endif %}
