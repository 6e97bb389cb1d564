package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.release.KeyFile;
import dev.muster.cli.release.Signing;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import dev.muster.protocol.tuf.RoleKeys;
import dev.muster.protocol.tuf.Sha256;
import dev.muster.protocol.tuf.SigningKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code muster release keys …}: who may sign releases. For administrators. */
@Command(
        name = "keys",
        description = "Makes the keys that sign releases, and says who may use them.",
        subcommands = {
            ReleaseKeys.Init.class,
            ReleaseKeys.Delegate.class,
            ReleaseKeys.Renew.class,
            KeyRotation.Rotate.class,
            KeyRotation.Sign.class,
            KeyRotation.Publish.class,
            ReleaseKeys.Show.class
        })
final class ReleaseKeys extends Menu {
    static final Pattern COMPONENT = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final String ROOT = "root.key";
    private static final String TARGETS = "targets.key";

    /** {@code muster release keys init --out DIR}. */
    @Command(
            name = "init",
            description = "Makes the root and targets keys and publishes the first root: once per installation.",
            footer = {
                "",
                "Keep the folder offline and in two places: whoever has it decides what assets install; whoever loses it",
                "cannot change that any more. The keys are encrypted unless --plain."
            })
    static final class Init extends Verb {
        @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder of the keys; is made.")
        private Path out = Path.of("");

        @Option(names = "--component", paramLabel = "NAME", description = "Also delegates for it; may be repeated.")
        private List<String> components = List.of();

        @Mixin
        private Expiry expiry = new Expiry();

        @Option(names = "--plain", description = "Does not encrypt the keys.")
        private boolean plain;

        @Mixin
        private Passphrases passphrases = new Passphrases();

        @Override
        void run() {
            components.forEach(ReleaseKeys::requireComponent);
            Api api = root().api();
            Signing.OnlineKeys online = Signing.OnlineKeys.of(api);
            if (!api.get(Query.of("tuf")).path("roles").isEmpty()) {
                throw new CommandFailed(
                        ExitCode.REFUSED,
                        "this server has a root.json already; add components with muster release keys delegate");
            }
            char[] passphrase = plain ? new char[0] : passphrases.fresh(root().terminal());
            Instant until = expiry.until();
            SecureRandom random = new SecureRandom();
            SigningKey rootKey = made(out.resolve(ROOT), passphrase, random);
            SigningKey targetsKey = made(out.resolve(TARGETS), passphrase, random);
            Signing signing = Signing.with(api, List.of());
            Map<String, byte[]> documents = new LinkedHashMap<>();
            Map<String, RoleKeys> delegated = new LinkedHashMap<>();
            for (String component : components) {
                SigningKey key = made(keyFile(out, component), passphrase, random);
                delegated.put(component, RoleKeys.of(key.publicKey()));
                documents.put(role(component), signing.nextReleases(role(component), List.of(key), until));
            }
            byte[] first = Signing.firstRoot(rootKey, targetsKey, online, until);
            documents.put("root", first);
            documents.put("targets", signing.nextTargets(List.of(targetsKey), delegated, until));
            post(api, documents);
            say("keys are in " + out + "; agents pin the root with --release-root=" + Sha256.of(first));
            components.forEach(component -> say(delegatedLine(component, keyFile(out, component))));
        }
    }

    /** {@code muster release keys delegate --component NAME --keys DIR}. */
    @Command(
            name = "delegate",
            description = "Gives a key the right to sign releases of a component, in place of the one that had it.")
    static final class Delegate extends Verb {
        @Option(names = "--component", required = true, paramLabel = "NAME", description = "For example app.")
        private String component = "";

        @Option(
                names = "--keys",
                required = true,
                paramLabel = "DIR",
                description = "Folder of muster release keys init.")
        private Path keys = Path.of("");

        @Option(
                names = "--also-key",
                paramLabel = "FILE",
                description = "Another key that signs too, where the threshold wants it; may be repeated.")
        private List<Path> others = List.of();

        @Option(names = "--out", paramLabel = "FILE", description = "File of the new key (DIR/releases-NAME.key).")
        private @Nullable Path out;

        @Option(
                names = "--public-key",
                paramLabel = "HEX",
                description = "Public keys made elsewhere, instead of a new one; may be repeated.")
        private List<String> publicKeys = List.of();

        @Option(names = "--threshold", defaultValue = "1", paramLabel = "N", description = "How many must sign (1).")
        private int threshold;

        @Mixin
        private Expiry expiry = new Expiry();

        @Option(names = "--plain", description = "Does not encrypt the new key.")
        private boolean plain;

        @Mixin
        private Believed believed = new Believed();

        @Mixin
        private Passphrases passphrases = new Passphrases();

        @Override
        void run() {
            requireComponent(component);
            Api api = root().api();
            Instant until = expiry.until();
            List<SigningKey> targets = signers(keys.resolve(TARGETS), others, root(), passphrases);
            Signing signing = believed.signing(api);
            Map<String, byte[]> documents = new LinkedHashMap<>();
            if (publicKeys.isEmpty()) {
                Path file = out == null ? keyFile(keys, component) : out;
                char[] passphrase = plain ? new char[0] : passphrases.fresh(root().terminal());
                SigningKey key = SigningKey.generate(new SecureRandom());
                documents.put(role(component), signing.nextReleases(role(component), List.of(key), until));
                documents.put(
                        "targets",
                        signing.nextTargets(targets, Map.of(component, RoleKeys.of(key.publicKey())), until));
                KeyFile.write(file, key, passphrase, new SecureRandom());
                post(api, documents);
                say(delegatedLine(component, file));
            } else {
                RoleKeys roleKeys = roleKeys();
                documents.put("targets", signing.nextTargets(targets, Map.of(component, roleKeys), until));
                post(api, documents);
                say(threshold + " of " + publicKeys.size() + " keys may sign releases of " + component + " now");
            }
        }

        private RoleKeys roleKeys() {
            try {
                return new RoleKeys(publicKeys.stream().map(Signing::key).toList(), threshold);
            } catch (IllegalArgumentException e) {
                throw new CommandFailed(ExitCode.USAGE, String.valueOf(e.getMessage()));
            }
        }
    }

    /** {@code muster release keys renew --keys DIR}. */
    @Command(
            name = "renew",
            description = "Signs root and targets again, for a later expiry or after the server has lost its own keys.")
    static final class Renew extends Verb {
        @Option(
                names = "--keys",
                required = true,
                paramLabel = "DIR",
                description = "Folder of muster release keys init.")
        private Path keys = Path.of("");

        @Option(
                names = "--also-key",
                paramLabel = "FILE",
                description = "Another key that signs too, where the threshold wants it; may be repeated.")
        private List<Path> others = List.of();

        @Option(
                names = "--component",
                paramLabel = "NAME",
                description = "Also the metadata of its releases, by the key in DIR.")
        private List<String> components = List.of();

        @Mixin
        private Expiry expiry = new Expiry();

        @Mixin
        private Passphrases passphrases = new Passphrases();

        @Override
        void run() {
            Api api = root().api();
            Instant until = expiry.until();
            Signing signing = Signing.with(api, List.of());
            Map<String, byte[]> documents = new LinkedHashMap<>();
            documents.put(
                    "root",
                    signing.nextRoot(
                            signers(keys.resolve(ROOT), others, root(), passphrases),
                            Signing.OnlineKeys.of(api),
                            until));
            documents.put(
                    "targets",
                    signing.nextTargets(signers(keys.resolve(TARGETS), others, root(), passphrases), Map.of(), until));
            for (String component : components) {
                SigningKey key = opened(keyFile(keys, component), root(), passphrases);
                documents.put(role(component), signing.nextReleases(role(component), List.of(key), until));
            }
            post(api, documents);
            say(String.join(", ", documents.keySet()) + " signed again, until " + until);
        }
    }

    /** {@code muster release keys show}. */
    @Command(name = "show", description = "Shows versions and expiry of the signed metadata, and the root to pin.")
    static final class Show extends Verb {
        @Override
        void run() {
            JsonNode state = root().api().get(Query.of("tuf"));
            if (!root().printer().isTable()) {
                root().printer().one(state);
                return;
            }
            say("root to pin  " + state.path("rootSha256").asString("none yet: muster release keys init"));
            for (JsonNode role : state.path("roles")) {
                say("%-24s version %-6d until %s"
                        .formatted(
                                role.path("role").asString(""),
                                role.path("version").asLong(0),
                                role.path("expires").asString("")));
            }
        }
    }

    static void requireComponent(String name) {
        if (!COMPONENT.matcher(name).matches()) {
            throw new CommandFailed(
                    ExitCode.USAGE, "\"" + name + "\" is no name of a component, allowed is " + COMPONENT);
        }
    }

    static SigningKey opened(Path file, Root root, Passphrases passphrases) {
        Supplier<char[]> passphrase = () -> passphrases.existing(root.terminal());
        return KeyFile.read(file, passphrase);
    }

    private static List<SigningKey> signers(Path first, List<Path> others, Root root, Passphrases passphrases) {
        List<SigningKey> signers = new ArrayList<>(List.of(opened(first, root, passphrases)));
        others.forEach(file -> signers.add(opened(file, root, passphrases)));
        return signers;
    }

    static void post(Api api, Map<String, byte[]> documents) {
        publish(api, documents);
    }

    static JsonNode publish(Api api, Map<String, byte[]> documents) {
        ObjectNode body = Api.JSON.createObjectNode();
        ObjectNode metadata = body.putObject("metadata");
        documents.forEach((role, document) -> metadata.put(role, new String(document, StandardCharsets.UTF_8)));
        return api.post(Query.of("tuf"), body);
    }

    private static SigningKey made(Path file, char[] passphrase, SecureRandom random) {
        if (Files.exists(file)) {
            throw new CommandFailed(ExitCode.REFUSED, "there is a key in " + file + " already; give another folder");
        }
        SigningKey key = SigningKey.generate(random);
        KeyFile.write(file, key, passphrase, random);
        return key;
    }

    private static Path keyFile(Path folder, String component) {
        return folder.resolve(role(component) + ".key");
    }

    private static String role(String component) {
        return "releases-" + component;
    }

    private static String delegatedLine(String component, Path file) {
        return "the key in " + file + " may sign releases of " + component + " now; give it to CI as a secret";
    }
}
