package dev.muster.agent;

import dev.muster.agent.identity.ClaimToken;
import dev.muster.agent.identity.EnrolmentException;
import dev.muster.agent.identity.EstClient;
import dev.muster.agent.identity.FileKeyHome;
import dev.muster.agent.identity.Identities;
import dev.muster.agent.identity.Identity;
import dev.muster.agent.identity.KeyHome;
import dev.muster.agent.identity.TokenKeyHome;
import dev.muster.agent.settings.AgentSettings;
import dev.muster.agent.state.StateDirectory;
import dev.muster.protocol.AssetId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Brings the agent to an identity before anything else runs: that of an earlier run, or a new one for the claim token. Later gets
 * another one when the certificate has expired.
 */
final class Enrolment {
    private static final System.Logger LOG = System.getLogger(Enrolment.class.getName());
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofMinutes(5);

    private final AgentSettings settings;
    private final StateDirectory state;
    private final RandomGenerator random;
    /** That was tried for an expired certificate. */
    private Optional<String> triedAgain = Optional.empty();

    Enrolment(AgentSettings settings, StateDirectory state, RandomGenerator random) {
        this.settings = settings;
        this.state = state;
        this.random = random;
    }

    /** Waits for a server that does not answer. */
    Identities identities() throws StartRefusal, IOException, InterruptedException {
        Address device = Address.parse(settings.get(Catalog.SERVER), 8443);
        Identities identities = new Identities(state, keyHome(), new EstClient(URI.create("https://" + device)));
        if (!identities.load()) {
            enrol(identities, device);
        }
        Identity identity = identities.current();
        if (settings.isSet(Catalog.ID) && !identity.id().value().equals(settings.get(Catalog.ID))) {
            throw new StartRefusal(
                    StartRefusal.USAGE,
                    "state directory " + state.path() + " belongs to asset " + identity.id() + ", and id is set to "
                            + settings.get(Catalog.ID) + "; leave id out, or give another --state-dir");
        }
        return identities;
    }

    private KeyHome keyHome() throws StartRefusal, IOException {
        String library = settings.get(Catalog.PKCS11_LIBRARY);
        if (library.isEmpty()) {
            return new FileKeyHome(state);
        }
        if (settings.get(Catalog.PKCS11_PIN_FILE).isEmpty()) {
            throw new StartRefusal(StartRefusal.USAGE, "pkcs11-library is set, so pkcs11-pin-file must be set too");
        }
        return new TokenKeyHome(
                state,
                Path.of(library),
                settings.get(Catalog.PKCS11_SLOT),
                Path.of(settings.get(Catalog.PKCS11_PIN_FILE)));
    }

    private void enrol(Identities identities, Address device) throws StartRefusal, IOException, InterruptedException {
        AssetId id = wantedId();
        Duration ceiling = FIRST_RETRY;
        while (true) {
            ClaimToken token = token().orElseThrow(() -> new StartRefusal(
                    StartRefusal.USAGE,
                    "this machine is not enrolled (state directory " + state.path()
                            + "); give --token or --token-file, as made by: muster claim-token create"));
            try {
                LOG.log(System.Logger.Level.INFO, "enrolled: {0}", identities.enrol(id, token));
                return;
            } catch (EnrolmentException e) {
                if (e.refused()) {
                    throw new StartRefusal(StartRefusal.REFUSED, String.valueOf(e.getMessage()));
                }
                long wait = ceiling.toMillis() / 2 + random.nextLong(ceiling.toMillis() / 2 + 1);
                LOG.log(System.Logger.Level.WARNING, "{0}; trying again in {1} s", e.getMessage(), wait / 1000);
                Thread.sleep(wait);
                ceiling = ceiling.multipliedBy(2).compareTo(LAST_RETRY) > 0 ? LAST_RETRY : ceiling.multipliedBy(2);
                LOG.log(System.Logger.Level.DEBUG, "enrolling at {0} as {1}", device, id);
            }
        }
    }

    /**
     * Another certificate for the asset whose last one has expired, for the claim token as it is configured at this moment.
     *
     * @throws EnrolmentException with what a person can do
     */
    Identity again(Identities identities) throws EnrolmentException, IOException {
        Identity expired = identities.current();
        triedAgain = tokenText(settings);
        try {
            ClaimToken token = token().orElseThrow(() -> EnrolmentException.refused("no claim token is configured"));
            return identities.enrol(expired.id(), token);
        } catch (StartRefusal e) {
            throw EnrolmentException.refused(whatToDo(expired, String.valueOf(e.getMessage())));
        } catch (EnrolmentException e) {
            String why = String.valueOf(e.getMessage());
            throw e.refused()
                    ? EnrolmentException.refused(whatToDo(expired, why))
                    : EnrolmentException.failed(expired(expired) + why, e);
        }
    }

    /** Whether there is another claim token than at the last attempt: somebody has done something about it. */
    boolean tokenChanged() throws IOException {
        Optional<String> now = tokenText(settings);
        return now.isPresent() && !now.equals(triedAgain);
    }

    private static String expired(Identity identity) {
        return "the certificate of asset " + identity.id() + " expired on " + identity.expiresAt() + ": ";
    }

    private String whatToDo(Identity identity, String why) {
        String file = settings.get(Catalog.TOKEN_FILE);
        String where = file.isEmpty()
                ? "start the agent with --token-file and a file with it"
                : "put it into " + file + " (token-file), which is looked at all the time";
        return expired(identity) + why + "; create a claim token (muster claim-token create --ids " + identity.id()
                + ") and " + where;
    }

    private AssetId wantedId() throws StartRefusal {
        String wanted = settings.isSet(Catalog.ID) ? settings.get(Catalog.ID) : hostname();
        return AssetId.parse(wanted)
                .orElseThrow(() -> new StartRefusal(
                        StartRefusal.USAGE,
                        "\"" + wanted + "\" is no asset id (" + AssetId.PATTERN + "); give another one with --id"));
    }

    /** The claim token as it is configured, whatever it is. */
    static Optional<String> tokenText(AgentSettings settings) throws IOException {
        String file = settings.get(Catalog.TOKEN_FILE);
        String text = settings.get(Catalog.TOKEN);
        if (text.isEmpty() && !file.isEmpty() && Files.exists(Path.of(file))) {
            text = Files.readString(Path.of(file)).strip();
        }
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    /** Read at each attempt, so that a file can be mended while the agent waits. */
    private Optional<ClaimToken> token() throws StartRefusal, IOException {
        String file = settings.get(Catalog.TOKEN_FILE);
        Optional<String> text = tokenText(settings);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(ClaimToken.parse(text.get()));
        } catch (IllegalArgumentException e) {
            throw new StartRefusal(
                    StartRefusal.USAGE, (file.isEmpty() ? "token" : "the content of " + file) + " " + e.getMessage());
        }
    }

    static String hostname() {
        try {
            Path kernel = Path.of("/proc/sys/kernel/hostname");
            return Files.isReadable(kernel)
                    ? Files.readString(kernel).strip()
                    : InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "";
        } catch (IOException e) {
            return "";
        }
    }
}
