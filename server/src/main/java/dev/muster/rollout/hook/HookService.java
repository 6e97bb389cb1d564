package dev.muster.rollout.hook;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.identity.ActorKind;
import dev.muster.identity.FailureLimit;
import dev.muster.identity.Role;
import dev.muster.platform.config.Settings;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.release.Release;
import dev.muster.release.ReleaseCatalog;
import dev.muster.release.ReleaseName;
import dev.muster.rollout.RolloutStarts;
import dev.muster.rollout.hook.HookStore.Delivery;
import dev.muster.rollout.spec.RolloutSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Keeps hooks, and does what authentic messages ask for: each push once. */
@Component
class HookService {
    static final int MAX_HOOKS = 200;
    static final String KIND = "release-hook";
    private static final Logger LOG = LoggerFactory.getLogger(HookService.class);
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final String SAMPLE = "1.0.0";
    private static final int MAX_TEXT = 300;
    private static final int MAX_DETAIL = 500;
    static final int SHOWN = 100;

    private final HookStore store;
    private final HookSecrets secrets;
    private final RolloutStarts rollouts;
    private final ReleaseCatalog releases;
    private final FailureLimit failures;
    private final HookRate rate;
    private final AuditLog audit;
    private final EventLog events;
    private final Ids ids;
    private final Clock clock;
    private final TransactionTemplate transaction;

    HookService(
            HookStore store,
            HookSecrets secrets,
            RolloutStarts rollouts,
            ReleaseCatalog releases,
            FailureLimit failures,
            Settings settings,
            AuditLog audit,
            EventLog events,
            Ids ids,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.secrets = secrets;
        this.rollouts = rollouts;
        this.releases = releases;
        this.failures = failures;
        this.rate = new HookRate(settings.get(HookSettings.PER_MINUTE));
        this.audit = audit;
        this.events = events;
        this.ids = ids;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** What somebody asks for; checked here. */
    record Wanted(
            String name,
            String format,
            String component,
            String repository,
            String tagPrefix,
            String rolloutName,
            JsonNode rollout,
            boolean starts) {}

    /** @param secret shown this once */
    record Created(Hook hook, String secret) {}

    Created create(Actor actor, Wanted wanted) {
        HookFormat format = HookFormat.of(wanted.format())
                .orElseThrow(() -> invalid(
                        "there is no format \"" + shown(wanted.format()) + "\"; allowed are standard, github and oci"));
        if (!NAME.matcher(wanted.name()).matches()) {
            throw invalid("\"" + shown(wanted.name()) + "\" is no name of a hook, allowed is " + NAME);
        }
        if (ReleaseName.of(wanted.component(), SAMPLE).isEmpty()) {
            throw invalid("\"" + shown(wanted.component()) + "\" is no name of a component");
        }
        if (wanted.repository().length() > MAX_TEXT || wanted.tagPrefix().length() > MAX_TEXT) {
            throw invalid("repository and tagPrefix have at most " + MAX_TEXT + " characters");
        }
        if (!wanted.rolloutName().contains(Hook.Template.VERSION)) {
            throw invalid("the rollout's name does not contain " + Hook.Template.VERSION
                    + ", so that there could be one rollout only");
        }
        Hook.Template template = new Hook.Template(wanted.rolloutName(), wanted.rollout());
        requireThatItBrings(wanted.component(), template);
        Hook hook = new Hook(
                ids.next(),
                wanted.name(),
                format,
                wanted.component(),
                wanted.repository(),
                wanted.tagPrefix(),
                template,
                wanted.starts(),
                actor.scope(),
                clock.instant().truncatedTo(ChronoUnit.MICROS),
                actor.id());
        transaction.executeWithoutResult(status -> {
            if (store.count() >= MAX_HOOKS) {
                throw new Refusal(
                        ErrorCode.REFUSED, "there are " + MAX_HOOKS + " hooks, which is the most; delete one");
            }
            if (!store.add(hook)) {
                throw new Refusal(ErrorCode.CONFLICT, "there is a hook " + hook.name() + " already");
            }
            audit.record(actor, "release-hook.create", KIND, hook.name(), null, audited(hook));
            events.append("release-hook.created", "release-hook/" + hook.name(), Map.of("name", hook.name()));
        });
        return new Created(hook, secrets.text(hook));
    }

    /** A template is right when the rollout of a version is, and brings that version of the hook's component. */
    private void requireThatItBrings(String component, Hook.Template template) {
        RolloutSpec spec = rollouts.read(template.nameFor(component, SAMPLE), template.specFor(component, SAMPLE));
        if (!(spec.change() instanceof RolloutSpec.Change.ReleaseChange(String brought, String version))
                || !brought.equals(component)
                || !version.equals(SAMPLE)) {
            throw invalid(
                    "the rollout does not bring the version that is pushed; it needs change: {release: {component: "
                            + component + ", version: \"" + Hook.Template.VERSION + "\"}}");
        }
    }

    private static Map<String, Object> audited(Hook hook) {
        return Map.of(
                "name", hook.name(),
                "format", hook.format().wire(),
                "component", hook.component(),
                "repository", hook.repository(),
                "tagPrefix", hook.tagPrefix(),
                "rolloutName", hook.template().name(),
                "rollout", hook.template().spec(),
                "starts", hook.starts());
    }

    Page<Hook> list(PageRequest page) {
        return Page.of(store.page(page.after(), page.fetch()), page, Hook::name);
    }

    Hook get(String name) {
        return store.find(name)
                .orElseThrow(() -> new Refusal(
                        ErrorCode.NOT_FOUND,
                        "there is no hook " + shown(name) + "; GET /api/v1/release-hooks lists them"));
    }

    List<Delivery> deliveries(String name) {
        return store.deliveries(get(name).id(), SHOWN);
    }

    void delete(Actor actor, String name) {
        transaction.executeWithoutResult(status -> {
            Hook hook = get(name);
            if (!actor.scope().isAll() && !actor.scope().equals(hook.scope())) {
                throw new Refusal(
                        ErrorCode.FORBIDDEN,
                        "the hook " + hook.name() + " reaches " + hook.scope() + ", " + actor + " " + actor.scope()
                                + "; it is deleted with the whole scope, or with its own");
            }
            store.delete(hook.id());
            audit.record(actor, "release-hook.delete", KIND, name, audited(hook), null);
            events.append("release-hook.deleted", "release-hook/" + name, Map.of("name", name));
        });
    }

    // ---- what comes in

    /**
     * Does what a message asks for.
     *
     * @param address of the sender, of whom few wrong messages are looked at
     * @return one for each push that the message tells of; none when it is about something else
     * @throws Refusal in the same words whether there is no such hook, the secret is wrong or the message is old
     */
    List<Delivery> deliver(String name, Message message, String address) {
        Instant now = clock.instant();
        Optional<Duration> wait = failures.wait(address, now);
        if (wait.isPresent()) {
            throw new Refusal(
                    ErrorCode.RATE_LIMITED,
                    "too many failed authentications from this address; try again in "
                            + Math.max(1, wait.get().toSeconds()) + " s");
        }
        Optional<Hook> found = store.find(name);
        Message.Read read = found.map(hook -> MessageReader.read(hook.format(), message, secrets.of(hook.id()), now))
                .orElse(new Message.Read.Unauthentic("there is no such hook"));
        return switch (read) {
            case Message.Read.Unauthentic(String why) -> {
                failures.count(address, now);
                LOG.info("refused a message to the hook {} from {}: {}", shown(name), address, why);
                throw new Refusal(
                        ErrorCode.UNAUTHENTICATED,
                        "there is no such hook, the message is not signed with its secret, or it is old");
            }
            case Message.Read.Malformed(String why) ->
                throw invalid("the message is signed right and cannot be read: " + why);
            case Message.Read.Authentic(List<Message.Push> pushes) -> done(found.orElseThrow(), pushes, now);
        };
    }

    private List<Delivery> done(Hook hook, List<Message.Push> pushes, Instant now) {
        if (!rate.take(hook.id(), now)) {
            throw new Refusal(
                    ErrorCode.RATE_LIMITED,
                    "the hook " + hook.name() + " has taken as many messages in this minute as"
                            + " hook-deliveries-per-minute allows; send it again later");
        }
        List<Delivery> done = new ArrayList<>();
        for (Message.Push push : pushes) {
            Optional<String> version = hook.version(push.repository(), push.tag());
            if (version.isPresent()) {
                done.add(once(hook, push, version.get(), now));
            }
        }
        return done;
    }

    private Delivery once(Hook hook, Message.Push push, String version, Instant now) {
        Optional<Delivery> before =
                Objects.requireNonNull(transaction.execute(status -> store.claim(hook.id(), push, now)));
        if (before.isPresent()) {
            return before.get();
        }
        Delivery outcome;
        try {
            outcome = bring(hook, push, version, now);
        } catch (Refusal refused) {
            outcome = outcome(push, now, "refused", "", refused.detail());
        }
        Delivery told = outcome;
        transaction.executeWithoutResult(status -> {
            String first = store.firstNamed(hook.id(), push.contentHash()).orElse(push.delivery());
            store.finish(hook.id(), first, told.outcome(), told.rollout(), told.detail(), now);
            Map<String, Object> entry = Map.of(
                    "delivery", push.delivery(),
                    "repository", push.repository(),
                    "tag", push.tag(),
                    "outcome", told.outcome(),
                    "rollout", told.rollout(),
                    "detail", told.detail());
            audit.record(maker(hook), "release-hook.deliver", KIND, hook.name(), null, entry);
            events.append("release-hook.delivered", "release-hook/" + hook.name(), entry);
        });
        return told;
    }

    /** Declares and starts; whatever of it was done before it broke off is found done. */
    private Delivery bring(Hook hook, Message.Push push, String version, Instant now) {
        String rollout = hook.template().nameFor(hook.component(), version);
        Optional<Release> release = releases.find(hook.component(), version);
        if (release.isEmpty() || !(release.get().state() instanceof Release.State.Published)) {
            return outcome(
                    push,
                    now,
                    "refused",
                    "",
                    hook.component() + "@" + version
                            + (release.isEmpty()
                                    ? " is not published; deliver it again when it is"
                                    : " is quarantined"));
        }
        Optional<String> phase = rollouts.phase(rollout);
        if (phase.isPresent() && !phase.get().equals("draft")) {
            return outcome(push, now, "exists", rollout, "rollout " + rollout + " is " + phase.get());
        }
        Actor actor = maker(hook);
        rollouts.declare(actor, rollout, hook.template().specFor(hook.component(), version));
        if (!hook.starts()) {
            return outcome(push, now, "drafted", rollout, "");
        }
        try {
            rollouts.start(actor, rollout, "hook " + hook.name() + ", delivery " + push.delivery());
        } catch (Refusal refused) {
            return outcome(push, now, "refused", rollout, "a draft was made and not started: " + refused.detail());
        }
        return outcome(push, now, "started", rollout, "");
    }

    /** Who made the hook is who does it, as an operator: nobody approves by himself what his hook has drafted. */
    private static Actor maker(Hook hook) {
        return new Actor(hook.createdBy(), ActorKind.TOKEN, Role.OPERATOR, hook.scope());
    }

    private static Delivery outcome(Message.Push push, Instant now, String outcome, String rollout, String detail) {
        return new Delivery(
                push.delivery(),
                now,
                push.tag(),
                outcome,
                rollout,
                detail.length() <= MAX_DETAIL ? detail : detail.substring(0, MAX_DETAIL));
    }

    private static Refusal invalid(String message) {
        return new Refusal(ErrorCode.INVALID, message);
    }

    private static String shown(String text) {
        String printable = text.replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() <= 80 ? printable : printable.substring(0, 80) + "…";
    }
}
