package dev.muster.twin.configuration;

import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.AssetId;
import dev.muster.twin.document.Revision;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Contents of a configuration of which some assets have one and others another, while a rollout moves them. All within the
 * transaction of the caller.
 *
 * <p>The configuration itself says the old content until the rollout has succeeded, so that whoever is not reached keeps it. Then it says the
 * new one, for everybody who joins later, and those that did not get there are noted with the content that they have. What an asset
 * is told does not change by that.
 */
@Component
public class ConfigurationRevisions {
    private final ConfigurationStore store;
    private final RevisionStore revisions;
    private final ConfigurationService service;

    ConfigurationRevisions(ConfigurationStore store, RevisionStore revisions, ConfigurationService service) {
        this.store = store;
        this.revisions = revisions;
        this.service = service;
    }

    /** @throws Refusal when there is none of the name that people declare */
    public Configuration require(String name) {
        return checked(name, store.find(name).orElse(null));
    }

    private static Configuration checked(String name, @Nullable Configuration found) {
        if (found == null || found.isLocal()) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "configuration " + name + " does not exist; declare it first, with config: {} when it is to ask for"
                            + " nothing before the rollout");
        }
        return found;
    }

    /**
     * From now on a rollout changes it, and nobody else does.
     *
     * @param rollout its key
     * @param goesOn whether the rollout has held it before and expects what it left
     * @param config the new content
     * @throws Refusal when another rollout holds it, when it was changed since, when the actor may not change it
     */
    public void hold(Actor actor, String name, String rollout, boolean goesOn, JsonNode config) {
        Configuration found = checked(name, store.lock(name).orElse(null));
        service.requireMayChange(actor, found.asset(), found.group());
        Hold hold = found.hold();
        if (hold.isUnderWay() && !rollout.equals(hold.rollout())) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "configuration " + name + " is changed by rollout " + hold.name()
                            + " right now; let that end first, or abort it or roll it back");
        }
        if (goesOn && !rollout.equals(hold.rollout())) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "configuration " + name + " was changed since"
                            + (hold.rollout() == null ? "" : " by rollout " + hold.name())
                            + "; what it said then is not put back over that: declare what it should say, or start a"
                            + " new rollout");
        }
        JsonNode now = found.config();
        revisions.remember(name, now);
        revisions.remember(name, config);
        String before = goesOn ? hold.before() : Revision.of(now);
        store.hold(name, new Hold(rollout, true, before));
    }

    /** Every asset that the rollout was for has it, or had its chance: from now on the configuration says so. */
    public void succeed(Actor actor, String name, String rollout, String manager, JsonNode config) {
        Configuration found = held(name, rollout);
        String revision = Revision.of(config);
        if (!Revision.of(found.config()).equals(revision)) {
            revisions.note(found, Revision.of(found.config()));
            service.say(actor, found, config, manager);
        }
        revisions.forget(name, revision);
        store.hold(name, new Hold(rollout, false, found.hold().before()));
    }

    /** The rollout has ended otherwise. */
    public void leave(String name, String rollout) {
        Configuration found = held(name, rollout);
        revisions.forget(name, Revision.of(found.config()));
        store.hold(name, new Hold(rollout, false, found.hold().before()));
    }

    /**
     * What the rollout brought is taken back: the configuration says again what it said before.
     *
     * @return whether it had said something else, so that those which have it now have to be {@linkplain #note noted}
     */
    public boolean takeBack(Actor actor, String name, String rollout, String manager, String revision) {
        Configuration found = held(name, rollout);
        String before = found.hold().before();
        if (before == null
                || before.equals(revision)
                || !Revision.of(found.config()).equals(revision)) {
            return false;
        }
        service.say(actor, found, revisions.require(name, before), manager);
        return true;
    }

    /** Assets that keep a revision, whatever the configuration says, unless something else is noted of them. */
    public void note(String name, String revision, Collection<AssetId> assets) {
        revisions.note(name, revision, assets);
    }

    /** Of those to which the configuration applies: the revision of each. */
    public Map<AssetId, String> of(String name, Collection<AssetId> assets) {
        return store.find(name)
                .map(found -> revisions.of(found, Revision.of(found.config()), assets))
                .orElse(Map.of());
    }

    private Configuration held(String name, String rollout) {
        Configuration found = checked(name, store.lock(name).orElse(null));
        if (!rollout.equals(found.hold().rollout())) {
            throw new IllegalStateException(
                    "configuration " + name + " is to be under rollout " + rollout + ", and is under " + found.hold());
        }
        return found;
    }
}
