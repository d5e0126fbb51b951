# SPDX-License-Identifier: GPL-2.0-or-later
# sys-vpn's part of qubes.network.sys-vpn: files, the user's firewall script, the import. Run in sys-vpn.
{%- from "qubes/network/sys-vpn/map.jinja" import vpn, refusals, refuse with context %}
{%- from "qubes/network/sys-vpn/profiles.jinja" import profiles, with_secrets with context %}
{%- if refusals or with_secrets %}
{{ refuse('sysvpn', refusals + with_secrets) }}
{%- elif grains['id'] == 'dom0' %}
{{ refuse('place', ['qubes.network.sys-vpn.qube is for the VPN qube; dom0 runs qubes.network.sys-vpn']) }}
{%- else %}
{%- set import = 'sysvpn-import --load' %}
{%- if vpn.vpn.profile %}{% set import = import ~ " --autoconnect '" ~ vpn.vpn.profile ~ "'" %}{% endif %}
{%- if vpn.hosts %}{% set import = import ~ ' --hosts /rw/config/vpn/hosts' %}{% endif %}

programs:
  cmd.run:
    - name: >-
        echo 'sysvpn is not installed here. Apply qubes.network.sys-vpn to the template, then restart this qube:
        qvm-shutdown --wait {{ grains['id'] }} && qvm-start {{ grains['id'] }}' >&2; exit 1
    - unless: command -v sysvpn-import && command -v sysvpn-killswitch && test -x /usr/libexec/sysvpn/user-script
    - failhard: true

/rw/config/vpn:
  file.directory:
    - mode: '0755'
    - user: root

/rw/config/vpn/credentials:
  file.directory:
    - mode: '0700'
    - user: root
    - require:
      - file: /rw/config/vpn
{% for profile in profiles %}
profile-{{ loop.index }}:
  file.managed:
    - name: {{ ('/rw/config/vpn/' ~ profile.file) | yaml_dquote }}
    - source: {{ profile.source | yaml_dquote }}
    - mode: '0600'
    - user: root
    - show_changes: false
    - require:
      - file: /rw/config/vpn
    - require_in:
      - cmd: import
{% endfor %}
{%- if vpn.hosts %}
/rw/config/vpn/hosts:
  file.managed:
    - mode: '0644'
    - contents:
{%- for host, addresses in vpn.hosts | dictsort %}
      - {{ (host ~ ' ' ~ addresses | join(' ')) | yaml_dquote }}
{%- endfor %}
    - require:
      - file: /rw/config/vpn
    - require_in:
      - cmd: import
{% endif %}
{%- if vpn.endpoints %}
{#- the user's file: the lines are put into it, the rest is left alone #}
endpoints-file:
  file.managed:
    - name: /rw/config/vpn/endpoints.txt
    - replace: false
    - mode: '0644'
    - require:
      - file: /rw/config/vpn

endpoints:
  file.blockreplace:
    - name: /rw/config/vpn/endpoints.txt
    - marker_start: '# >>> salt: lines of the pillar sysvpn:endpoints'
    - marker_end: '# <<< salt'
    - content: {{ vpn.endpoints | join('\n') | yaml_dquote }}
    - append_if_not_found: true
    - require:
      - file: endpoints-file

load-endpoints:
  cmd.run:
    - name: systemctl reload sysvpn-killswitch.service
    - onchanges:
      - file: endpoints
    - require_in:
      - cmd: import
{% endif %}
# loads the killswitch again when the firewall restarts; what the user has in that file stays
user-script:
  cmd.run:
    - name: /usr/libexec/sysvpn/user-script install
    - unless: >-
        test -x /rw/config/qubes-firewall-user-script &&
        test "$(sed -n '/^# >>> sysvpn/,/^# <<< sysvpn/p' /rw/config/qubes-firewall-user-script)" =
        "$(sed 1d /usr/share/sysvpn/qubes-firewall-user-script)"

{% if profiles or vpn.hosts %}
{#- beside the next state, because with test=True the files are not there yet, and that would not tell #}
import-files:
  cmd.run:
    - name: {{ import | yaml_dquote }}
    - onchanges:
{%- for profile in profiles %}
      - file: profile-{{ loop.index }}
{%- endfor %}
{%- if vpn.hosts %}
      - file: /rw/config/vpn/hosts
{%- endif %}
{% endif %}
# a file that is refused fails this; it says which and why
import:
  cmd.run:
    - name: {{ import | yaml_dquote }}
    - unless: {{ ('said=$(' ~ import ~ ' --dry-run) && ! printf "%s\\n" "$said" | grep -Eq ": would be |^[+-] "') | yaml_dquote }}
    - require:
      - file: /rw/config/vpn/credentials
{%- endif %}
