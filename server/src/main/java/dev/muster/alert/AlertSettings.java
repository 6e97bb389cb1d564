package dev.muster.alert;

import dev.muster.platform.config.Setting;
import java.time.Duration;
import java.util.List;

/** What can be configured of alerts and notifications. */
public final class AlertSettings {
    public static final Setting<Integer> MAX_OPEN = Setting.count(
            "alert-max-open",
            20_000,
            100,
            1_000_000,
            "Alerts that are pending or firing at most; more are refused and counted, rules at a common cause need few.");
    public static final Setting<Duration> RETENTION = Setting.duration(
            "alert-retention",
            "30d",
            Duration.ofHours(1),
            Duration.ofDays(3650),
            "How long resolved alerts, their notifications and the steps of their decisions are kept.");
    public static final Setting<Duration> INCIDENT_RETENTION = Setting.duration(
            "incident-retention",
            "400d",
            Duration.ofHours(1),
            Duration.ofDays(3650),
            "How long resolved incidents are kept, with their timelines and actions.");
    public static final Setting<Duration> RULE_INTERVAL = Setting.duration(
            "alert-rule-interval",
            "30s",
            Duration.ofSeconds(1),
            Duration.ofHours(1),
            "How often a rule is evaluated that does not say it itself.");
    public static final Setting<Duration> RESOLVE_AFTER = Setting.duration(
            "alert-resolve-after",
            "5m",
            Duration.ofSeconds(10),
            Duration.ofDays(7),
            "After how long an alert that came over the Alertmanager API without an end is over, unless it is sent again.");
    public static final Setting<String> EXTERNAL_URL = Setting.text(
            "alert-external-url",
            "",
            "Address of this server as people reach it, for links in notifications; empty for that of the listener.");
    public static final Setting<String> SMTP_SERVER = Setting.text(
            "alert-smtp-server",
            "",
            "Host and port of the SMTP server for notifications, such as mail.example.org:587.");
    public static final Setting<String> SMTP_FROM =
            Setting.text("alert-smtp-from", "muster@localhost", "Sender of notifications by e-mail.");
    public static final Setting<String> SMTP_SECURITY = Setting.text(
            "alert-smtp-security",
            "starttls",
            "How the SMTP server is spoken to: starttls (required), tls (from the first byte) or none (for one on this machine).");
    public static final Setting<String> SMTP_USER =
            Setting.text("alert-smtp-user", "", "Name at the SMTP server; empty for one that asks for none.");
    public static final Setting<String> SMTP_PASSWORD =
            Setting.secret("alert-smtp-password", "Password at the SMTP server.");

    public static final List<Setting<?>> SETTINGS = List.of(
            MAX_OPEN,
            RETENTION,
            INCIDENT_RETENTION,
            RULE_INTERVAL,
            RESOLVE_AFTER,
            EXTERNAL_URL,
            SMTP_SERVER,
            SMTP_FROM,
            SMTP_SECURITY,
            SMTP_USER,
            SMTP_PASSWORD);

    private AlertSettings() {}
}
