package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.release.KeyDraft;
import dev.muster.cli.release.KeyFile;
import dev.muster.cli.release.Signing;
import dev.muster.protocol.tuf.Metadata.TopRole;
import dev.muster.protocol.tuf.RoleKeys;
import dev.muster.protocol.tuf.SigningKey;
import dev.muster.protocol.tuf.TufKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster release keys rotate, sign, publish}: other keys, or more of them, for root and targets. */
final class KeyRotation {
    private KeyRotation() {}

    /** {@code muster release keys rotate ROLE --draft DIR}. */
    @Command(
            name = "rotate",
            description = "Writes the next root, in which other keys sign for root or for targets; publishes nothing.",
            footer = {
                "",
                "The next root is signed by as many keys of the one before as that wanted, and by as many of its own as it wants:",
                "  muster release keys rotate root --public-key HEX --public-key HEX --new keys/root2.key --threshold 2 \\",
                "    --key keys/root.key --draft root.next",
                "  muster release keys sign root.next --key other.key           each of the others, on a machine of his own",
                "  muster release keys publish root.next",
                "The two keys of the server are those that it has now: muster release keys renew does the same for them alone."
            })
    static final class Rotate extends Verb {
        @Parameters(paramLabel = "ROLE", description = "root or targets.")
        private String role = "";

        @Option(names = "--public-key", paramLabel = "HEX", description = "May sign from now on; may be repeated.")
        private List<String> publicKeys = List.of();

        @Option(names = "--new", paramLabel = "FILE", description = "Makes a key that may sign; may be repeated.")
        private List<Path> made = List.of();

        @Option(names = "--threshold", defaultValue = "1", paramLabel = "N", description = "How many must sign (1).")
        private int threshold;

        @Option(
                names = "--key",
                required = true,
                paramLabel = "FILE",
                description = "A key to sign with now, one of root at least; may be repeated.")
        private List<Path> keys = List.of();

        @Option(names = "--draft", required = true, paramLabel = "DIR", description = "Where it is written; is made.")
        private Path draft = Path.of("");

        @Mixin
        private Expiry expiry = new Expiry();

        @Option(names = "--plain", description = "Does not encrypt new keys.")
        private boolean plain;

        @Mixin
        private Believed believed = new Believed();

        @Mixin
        private Passphrases passphrases = new Passphrases();

        @Override
        void run() {
            TopRole rotated = switch (role) {
                case "root" -> TopRole.ROOT;
                case "targets" -> TopRole.TARGETS;
                default ->
                    throw new CommandFailed(
                            ExitCode.USAGE,
                            "there are no keys of \"" + role + "\" to replace; allowed are root and targets, for a"
                                    + " component muster release keys delegate");
            };
            if (Files.exists(draft)) {
                throw new CommandFailed(ExitCode.REFUSED, draft + " is there already; give another folder");
            }
            made.stream().filter(Files::exists).findFirst().ifPresent(file -> {
                throw new CommandFailed(ExitCode.REFUSED, "there is a key in " + file + " already; give another file");
            });
            List<SigningKey> signers = opened(keys, root(), passphrases);
            char[] passphrase = plain || made.isEmpty() ? new char[0] : passphrases.fresh(root().terminal());
            SecureRandom random = new SecureRandom();
            List<SigningKey> fresh =
                    made.stream().map(file -> SigningKey.generate(random)).toList();
            signers.addAll(fresh);
            Signing.Rotation rotation = believed.signing(root().api())
                    .rotate(rotated, roleKeys(fresh), signers, Signing.OnlineKeys.of(root().api()), expiry.until());
            for (int i = 0; i < fresh.size(); i++) {
                KeyFile.write(made.get(i), fresh.get(i), passphrase, random);
            }
            tell(this, KeyDraft.write(draft, rotation), draft);
        }

        private RoleKeys roleKeys(List<SigningKey> fresh) {
            List<TufKey> all =
                    new ArrayList<>(publicKeys.stream().map(Signing::key).toList());
            fresh.forEach(key -> all.add(key.publicKey()));
            try {
                return new RoleKeys(all, threshold);
            } catch (IllegalArgumentException e) {
                throw new CommandFailed(ExitCode.USAGE, String.valueOf(e.getMessage()));
            }
        }
    }

    /** {@code muster release keys sign DIR --key FILE}. */
    @Command(name = "sign", description = "Adds a signature to a draft of muster release keys rotate; needs no server.")
    static final class Sign extends Verb {
        @Parameters(paramLabel = "DIR", description = "The draft.")
        private Path draft = Path.of("");

        @Option(names = "--key", required = true, paramLabel = "FILE", description = "May be repeated.")
        private List<Path> keys = List.of();

        @Mixin
        private Passphrases passphrases = new Passphrases();

        @Override
        void run() {
            KeyDraft read = KeyDraft.read(draft);
            String signed = String.join(", ", read.sign(opened(keys, root(), passphrases)));
            say(signed + " signed");
            tell(this, read, draft);
        }
    }

    /** {@code muster release keys publish DIR}. */
    @Command(name = "publish", description = "Publishes a draft that enough people have signed.")
    static final class Publish extends Verb {
        @Parameters(paramLabel = "DIR", description = "The draft.")
        private Path draft = Path.of("");

        @Override
        void run() {
            KeyDraft read = KeyDraft.read(draft);
            List<String> missing = read.missing(Instant.now());
            if (!missing.isEmpty()) {
                throw new CommandFailed(ExitCode.REFUSED, String.join("; ", missing));
            }
            ReleaseKeys.post(root().api(), read.documents());
            say("published; assets follow at their next look");
        }
    }

    private static List<SigningKey> opened(List<Path> files, Root root, Passphrases passphrases) {
        List<SigningKey> opened = new ArrayList<>();
        files.forEach(file -> opened.add(ReleaseKeys.opened(file, root, passphrases)));
        return opened;
    }

    private static void tell(Verb verb, KeyDraft draft, Path folder) {
        draft.says().forEach(verb::say);
        List<String> missing = draft.missing(Instant.now());
        missing.forEach(said -> verb.say("missing: " + said));
        verb.say(
                missing.isEmpty()
                        ? "next: muster release keys publish " + folder
                        : "next: muster release keys sign " + folder + " --key …");
    }
}
