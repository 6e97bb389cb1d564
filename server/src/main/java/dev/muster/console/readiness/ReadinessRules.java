package dev.muster.console.readiness;

import dev.muster.backup.BackupRun;
import dev.muster.console.readiness.Check.About;
import dev.muster.console.readiness.Figures.Alerting;
import dev.muster.console.readiness.Figures.Assets;
import dev.muster.console.readiness.Figures.Conduct;
import dev.muster.console.readiness.Figures.Drift;
import dev.muster.console.readiness.Figures.Exposure;
import dev.muster.console.readiness.Figures.RoleExpiry;
import dev.muster.console.readiness.Figures.Signing;
import dev.muster.console.readiness.Figures.Tokens;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is good enough for production, check by check, in the order in which a person would mend it. */
final class ReadinessRules {
    /** A share of the fleet that a check may miss and only warn. */
    private static final double FEW = 0.05;

    private static final double SMALL_FIRST_WAVE_PERCENT = 10;
    private static final Duration SHORTEST_SOAK = Duration.ofMinutes(10);
    private static final Duration ROLE_ENDS_SOON = Duration.ofDays(30);
    private static final Duration CA_ENDS_SOON = Duration.ofDays(180);
    private static final Duration OLD_ROOT = Duration.ofDays(365);
    private static final Duration OLD_BACKUP = Duration.ofHours(48);
    private static final Duration USELESS_BACKUP = Duration.ofDays(8);
    private static final double TOLERABLE_DRIFT = 0.01;
    private static final double BAD_DRIFT = 0.05;

    static final About OWNERS =
            new About("owners", "Every asset has an owner", "/console/assets?selector=asset.owner == ''");
    static final About IDENTITIES =
            new About("identities", "Every asset has an identity of its own", "/console/certificates");
    static final About TELEMETRY =
            new About("telemetry", "Assets are heard of", "/console/assets?selector=asset.presence != 'online'");
    static final About RELEASES =
            new About("releases", "Releases are signed with keys of your own", "/console/releases");
    static final About ROLLOUTS = new About("rollouts", "Rollouts begin small, soak, and go back", "/console/rollouts");
    static final About DRIFT = new About("drift", "Assets are as desired", "/console/drift");
    static final About TOKENS = new About("tokens", "People have tokens of their own", "");
    static final About EXPOSURE = new About("exposure", "Nothing is open that should not be", "docs/operators/tls.md");
    static final About CA = new About("ca", "The CA's keys are safe and last", "docs/security.md");
    static final About BACKUP = new About("backup", "Backups are made", "docs/operators/backup.md");
    static final About ALERTS = new About("alerts", "Somebody is told when something breaks", "docs/alerts.md");

    private ReadinessRules() {}

    static Check owners(Assets assets) {
        if (assets.all() == 0) {
            return noAssets(OWNERS);
        }
        String found = counted(assets.all() - assets.ownerless().count(), assets.all()) + " have an owner; without: "
                + assets.ownerless();
        String todo = "set spec.owner: muster apply, or the column owner of muster import assets";
        return graded(OWNERS, assets.ownerless().count(), assets.all(), found, todo);
    }

    static Check identities(Assets assets) {
        if (assets.all() == 0) {
            return noAssets(IDENTITIES);
        }
        String found = counted(assets.enrolled(), assets.all()) + " have a valid certificate; never enrolled: "
                + assets.withoutCertificate() + "; expired: " + assets.expired() + "; expire within 7 days: "
                + assets.expiring();
        if (assets.expired().count() > 0) {
            return IDENTITIES.fail(
                    found, "an expired asset cannot renew: give it a claim token (muster claim-token create)");
        }
        if (assets.expiring().count() > 0) {
            return IDENTITIES.warn(found, "assets renew at two thirds of the lifetime; find out why these did not");
        }
        return graded(
                IDENTITIES,
                assets.withoutCertificate().count(),
                assets.all(),
                found,
                "enrol them, or retire what does not exist");
    }

    static Check telemetry(Assets assets) {
        if (assets.enrolled() == 0) {
            return TELEMETRY.unknown("no asset has a valid certificate, so none can be heard of", "enrol assets");
        }
        String found = counted(assets.heard(), assets.enrolled())
                + " of the enrolled were heard of within the last hour; silent: " + assets.silent();
        return graded(
                TELEMETRY,
                assets.silent().count(),
                assets.enrolled(),
                found,
                "the asset's page in the console says since when and why");
    }

    static Check releases(Signing signing, Instant now) {
        Instant since = signing.rootSince();
        if (since == null) {
            return RELEASES.unknown("nobody has signed anything yet", "muster release keys init; docs/releases.md");
        }
        long age = Duration.between(since, now).toDays();
        String soonest = signing.roleExpiry().stream()
                .min(Comparator.comparing(RoleExpiry::expires))
                .map(role -> role.role() + " ends in "
                        + Duration.between(now, role.expires()).toDays() + " days")
                .orElse("nothing else is signed");
        String found = signing.published() + (signing.published() == 1 ? " release is" : " releases are")
                + " published; the root keys are " + age + " days old; " + soonest;
        if (signing.ofDemonstration()) {
            return RELEASES.fail(
                    found + "; the keys are those of muster demo and lie, in plain, in the data directory",
                    "start a server of your own and sign with keys that are kept apart from it: muster release keys init");
        }
        if (signing.roleExpiry().stream().anyMatch(role -> !role.expires().isAfter(now))) {
            return RELEASES.fail(found, "assets refuse what has expired: sign it again: muster release keys renew");
        }
        if (signing.published() == 0) {
            return RELEASES.unknown(found, "publish a release: docs/releases.md");
        }
        if (signing.roleExpiry().stream().anyMatch(role -> role.expires().isBefore(now.plus(ROLE_ENDS_SOON)))) {
            return RELEASES.warn(found, "sign it again before it ends: docs/releases.md");
        }
        return age > OLD_ROOT.toDays()
                ? RELEASES.warn(
                        found, "a root key that is used every day for years is a root key that leaks: rotate it")
                : RELEASES.ok(found);
    }

    static Check rollouts(List<Conduct> newest) {
        if (newest.isEmpty()) {
            return ROLLOUTS.unknown("there is no rollout yet", "declare one: docs/rollouts.md");
        }
        List<String> bad = new ArrayList<>();
        boolean withoutCanary = false;
        for (Conduct rollout : newest) {
            List<String> wants = shortcomings(rollout);
            withoutCanary |= hasNoCanary(rollout);
            if (!wants.isEmpty()) {
                bad.add(rollout.name() + " (" + String.join(", ", wants) + ")");
            }
        }
        String found = (newest.size() - bad.size()) + " of the newest " + newest.size()
                + " have a small first wave, soak, and roll back"
                + (bad.isEmpty()
                        ? ""
                        : "; not: " + bad.stream().limit(3).collect(Collectors.joining("; "))
                                + (bad.size() > 3 ? " and " + (bad.size() - 3) + " more" : ""));
        String todo = "a first wave of at most 10%, a soak of at least 10m, failures.then: rollback";
        if (withoutCanary) {
            return ROLLOUTS.fail(found, todo);
        }
        return bad.isEmpty() ? ROLLOUTS.ok(found) : ROLLOUTS.warn(found, todo);
    }

    private static List<String> shortcomings(Conduct rollout) {
        List<String> wants = new ArrayList<>();
        Double percent = rollout.firstPercent();
        if (hasNoCanary(rollout)) {
            wants.add("all at once");
        } else if (percent != null && percent > SMALL_FIRST_WAVE_PERCENT) {
            wants.add(String.format(Locale.ROOT, "first wave %.0f%%", percent));
        }
        if (rollout.soak().compareTo(SHORTEST_SOAK) < 0) {
            wants.add("soak " + rollout.soak().toSeconds() + " s");
        }
        if (!rollout.rollsBack()) {
            wants.add("only pauses");
        }
        return wants;
    }

    private static boolean hasNoCanary(Conduct rollout) {
        Double percent = rollout.firstPercent();
        return rollout.waves() < 2 || (percent != null && percent >= 100);
    }

    static Check drift(Drift drift) {
        Double rate = drift.rate();
        if (rate == null) {
            return DRIFT.unknown(
                    "no asset has a fresh report of its state (" + drift.assets() + " assets)",
                    "assets have to report state; the protocol page says how");
        }
        String found = String.format(
                Locale.ROOT,
                "%.1f%% (%d of %d with a fresh report); without one: %d",
                rate * 100,
                drift.outOfSync(),
                drift.observed(),
                drift.unknown());
        String todo = "muster drift lists them, field by field";
        if (rate > BAD_DRIFT) {
            return DRIFT.fail(found, todo);
        }
        return rate > TOLERABLE_DRIFT ? DRIFT.warn(found, todo) : DRIFT.ok(found);
    }

    static Check tokens(Tokens tokens) {
        if (!tokens.firstRun().isEmpty()) {
            String names = tokens.firstRun().stream()
                    .map(token -> token.name() + lastUse(token.lastUsed()))
                    .collect(Collectors.joining("; "));
            return TOKENS.fail(
                    "the token of the first start can still be used: " + names,
                    "muster token create NAME --role admin for each person, then muster token revoke ID of this one");
        }
        return tokens.endless().count() > 0
                ? TOKENS.warn(
                        "administrators' tokens without an end: " + tokens.endless(),
                        "replace them by ones with --expires")
                : TOKENS.ok("the first start's token is gone; every administrator's token has an end");
    }

    private static String lastUse(@Nullable Instant at) {
        return at == null ? ", never used" : ", last used " + at.truncatedTo(ChronoUnit.SECONDS);
    }

    static Check exposure(Exposure exposure) {
        String found = "the management API listens on " + exposure.httpListen()
                + ", without TLS of its own; assets connect by mutual TLS"
                + (exposure.hostNames().isEmpty()
                        ? " to localhost and the machine's own name only"
                        : " to " + String.join(", ", exposure.hostNames()));
        if (!exposure.httpIsLocal()) {
            return EXPOSURE.fail(found, "bind http-listen to 127.0.0.1 and put a proxy with TLS before it");
        }
        return exposure.hostNames().isEmpty()
                ? EXPOSURE.warn(found, "name the hosts at which assets reach this server: device-host-names")
                : EXPOSURE.ok(found);
    }

    static Check ca(Exposure exposure, Instant now) {
        Duration left = Duration.between(now, exposure.issuingCaExpires());
        String found = "the issuing CA ends in " + left.toDays() + " days; the passphrase of its key is "
                + (exposure.passphraseBesideKeys() ? "in the same folder as the key" : "kept apart from the key");
        if (left.compareTo(CA_ENDS_SOON) < 0) {
            return CA.fail(found, "restart with root.key in place: a start signs the next issuing CA");
        }
        return exposure.passphraseBesideKeys()
                ? CA.warn(found, "set pki-passphrase-file to a file outside of the data directory and of its backup")
                : CA.ok(found);
    }

    /** @param newest that was sent whole; empty when Muster never made one, and then it knows nothing of yours */
    static Check backup(Optional<BackupRun> newest, Instant now) {
        if (newest.isEmpty()) {
            return BACKUP.unknown(
                    "Muster has made none, and knows nothing of yours",
                    "muster backup FILE, every day, and try the way back: docs/operators/backup.md");
        }
        BackupRun run = newest.get();
        Duration age = Duration.between(Objects.requireNonNull(run.finishedAt(), "done, so finished"), now);
        String found = "the last backup ended " + age.toHours() + " h ago: " + run.files() + " files, " + run.bytes()
                + " bytes";
        if (age.compareTo(USELESS_BACKUP) > 0) {
            return BACKUP.fail(found, "muster backup FILE, every day");
        }
        return age.compareTo(OLD_BACKUP) > 0 ? BACKUP.warn(found, "muster backup FILE, every day") : BACKUP.ok(found);
    }

    static Check alerts(Alerting alerting) {
        String found = "alert rules: " + alerting.rules() + ", receivers: " + alerting.receivers()
                + "; notifications of the last 30 days: " + alerting.delivered() + " delivered, " + alerting.failed()
                + " lost";
        if (alerting.rules() == 0) {
            return ALERTS.fail(found, "muster apply -f examples/alerts, and change them to what matters to you");
        }
        if (alerting.receivers() == 0) {
            return ALERTS.fail(found, "apply a Receiver and an AlertRouting: without them nobody is told");
        }
        if (alerting.failed() > 0) {
            return ALERTS.warn(found, "muster alert notifications says to whom, and why they were lost");
        }
        return alerting.delivered() > 0
                ? ALERTS.ok(found)
                : ALERTS.warn(
                        found, "let one alert fire on purpose, as in a game day: nobody knows yet that it arrives");
    }

    private static Check noAssets(About about) {
        return about.unknown("there are no assets", "register some: muster import assets, or a claim token");
    }

    private static Check graded(About about, long missing, long all, String found, String todo) {
        if (missing == 0) {
            return about.ok(found);
        }
        return missing <= all * FEW ? about.warn(found, todo) : about.fail(found, todo);
    }

    private static String counted(long some, long all) {
        return some + " of " + all;
    }
}
