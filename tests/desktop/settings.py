# SPDX-License-Identifier: GPL-2.0-or-later
"""The settings of a test desktop: one XFCE panel with nothing but a tray, nothing that moves by itself."""
from xml.sax.saxutils import quoteattr


def _property(name, value):
    if isinstance(value, dict):
        inner = "".join(_property(key, inner) for key, inner in value.items())
        return f"<property name={quoteattr(name)} type=\"empty\">{inner}</property>"
    if isinstance(value, list):
        inner = "".join(f'<value type="int" value="{number}"/>' for number in value)
        return f"<property name={quoteattr(name)} type=\"array\">{inner}</property>"
    kind, text = value
    return f'<property name={quoteattr(name)} type="{kind}" value={quoteattr(str(text))}/>'


def _channel(name, properties):
    inner = "".join(_property(key, value) for key, value in properties.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<channel name="{name}" version="1.0">{inner}</channel>\n'


def _panel(size, menu_is_primary):
    # the array "panels" has values and properties, which only this place needs
    panel = "".join([
        _property("position", ("string", "p=6;x=0;y=0")),
        _property("position-locked", ("bool", "true")),
        _property("length", ("uint", 100)),
        _property("size", ("uint", size)),
        _property("icon-size", ("uint", 0)),
        _property("plugin-ids", [1, 2]),
    ])
    plugins = _property("plugins", {
        "plugin-1": ("string", "separator"),
        "plugin-2": ("string", "systray"),
    })
    plugins = plugins.replace(
        '<property name="plugin-1" type="string" value="separator"/>',
        '<property name="plugin-1" type="string" value="separator">'
        '<property name="expand" type="bool" value="true"/>'
        '<property name="style" type="uint" value="0"/></property>')
    plugins = plugins.replace(
        '<property name="plugin-2" type="string" value="systray"/>',
        '<property name="plugin-2" type="string" value="systray">'
        '<property name="square-icons" type="bool" value="true"/>'
        f'<property name="menu-is-primary" type="bool" value="{str(menu_is_primary).lower()}"/></property>')
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<channel name="xfce4-panel" version="1.0">'
            '<property name="configver" type="int" value="2"/>'
            '<property name="panels" type="array"><value type="int" value="1"/>'
            f'<property name="panel-1" type="empty">{panel}</property></property>{plugins}</channel>\n')


def write(config_home, theme, icon_theme, scale, panel_size, menu_is_primary):
    """Writes what xfconfd and GTK read, before either runs."""
    channels = config_home / "xfce4" / "xfconf" / "xfce-perchannel-xml"
    channels.mkdir(parents=True)
    (channels / "xfce4-panel.xml").write_text(_panel(panel_size, menu_is_primary))
    (channels / "xsettings.xml").write_text(_channel("xsettings", {
        "Net": {
            "ThemeName": ("string", theme),
            "IconThemeName": ("string", icon_theme),
            "EnableEventSounds": ("bool", "false"),
        },
        "Gtk": {"FontName": ("string", "DejaVu Sans 10"), "CursorBlink": ("bool", "false")},
        "Gdk": {"WindowScalingFactor": ("int", scale)},
        "Xft": {"DPI": ("int", 96)},
    }))
    (channels / "xfce4-notifyd.xml").write_text(_channel("xfce4-notifyd", {
        "notify-location": ("uint", 2),
        "expire-timeout": ("int", 10),
        "do-fadeout": ("bool", "false"),
        "do-slideout": ("bool", "false"),
        "initial-opacity": ("double", "1.0"),
    }))
    (channels / "xfwm4.xml").write_text(_channel("xfwm4", {"general": {
        "use_compositing": ("bool", "false"),
        "theme": ("string", "Default"),
        "workspace_count": ("int", 1),
    }}))
    gtk = config_home / "gtk-3.0"
    gtk.mkdir()
    (gtk / "settings.ini").write_text(
        f"[Settings]\ngtk-theme-name={theme}\ngtk-icon-theme-name={icon_theme}\n"
        "gtk-enable-animations=0\ngtk-cursor-blink=0\n")
