package dev.muster.alert.notify;

import dev.muster.alert.AlertSettings;
import dev.muster.alert.notify.Notification.Attempt;
import dev.muster.platform.config.Settings;
import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.Properties;

/** Notifications by e-mail. The Message-ID is the notification's, so that a mail that comes twice is seen to be one. */
final class Mail {
    private static final String MILLIS = "10000";

    private final String host;
    private final int port;
    private final String from;
    private final String user;
    private final String password;
    private final String external;
    private final Session session;

    Mail(Settings settings, String external) {
        String server = settings.get(AlertSettings.SMTP_SERVER);
        int colon = server.lastIndexOf(':');
        this.host = colon < 0 ? server : server.substring(0, colon);
        this.port = colon < 0 ? 587 : port(server.substring(colon + 1));
        this.from = settings.get(AlertSettings.SMTP_FROM);
        this.user = settings.get(AlertSettings.SMTP_USER);
        this.password = settings.get(AlertSettings.SMTP_PASSWORD);
        this.external = external;
        this.session = Session.getInstance(properties(settings.get(AlertSettings.SMTP_SECURITY)));
    }

    private static int port(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException malformed) {
            throw new dev.muster.platform.error.StartRefusal(
                    "alert-smtp-server is \"" + text + "\" after its colon, which is no port; allowed is host:port");
        }
    }

    private Properties properties(String security) {
        if (!security.equals("starttls") && !security.equals("tls") && !security.equals("none")) {
            throw new dev.muster.platform.error.StartRefusal(
                    "alert-smtp-security is \"" + security + "\"; allowed are starttls, tls, none");
        }
        Properties properties = new Properties();
        properties.put("mail.smtp.host", host);
        properties.put("mail.smtp.port", Integer.toString(port));
        properties.put("mail.smtp.connectiontimeout", MILLIS);
        properties.put("mail.smtp.timeout", MILLIS);
        properties.put("mail.smtp.writetimeout", MILLIS);
        properties.put("mail.smtp.auth", Boolean.toString(!user.isEmpty()));
        properties.put("mail.smtp.starttls.enable", Boolean.toString(security.equals("starttls")));
        properties.put("mail.smtp.starttls.required", Boolean.toString(security.equals("starttls")));
        properties.put("mail.smtp.ssl.enable", Boolean.toString(security.equals("tls")));
        properties.put("mail.smtp.ssl.checkserveridentity", "true");
        return properties;
    }

    Attempt send(Channel.Email to, String id, Content content) {
        if (host.isEmpty()) {
            return new Attempt.Failed("no mail server is configured; set alert-smtp-server", true);
        }
        try {
            MimeMessage message = message(to, id, content);
            Address[] recipients = message.getAllRecipients();
            try (Transport transport = session.getTransport("smtp")) {
                if (user.isEmpty()) {
                    transport.connect();
                } else {
                    transport.connect(host, port, user, password);
                }
                transport.sendMessage(message, recipients);
            }
            return new Attempt.Delivered();
        } catch (AuthenticationFailedException refused) {
            return new Attempt.Failed("the mail server refuses the name or the password", true);
        } catch (SendFailedException refused) {
            return new Attempt.Failed("the mail server refuses an address: " + said(refused), false);
        } catch (MessagingException away) {
            return new Attempt.Failed("mail: " + said(away), true);
        }
    }

    private MimeMessage message(Channel.Email to, String id, Content content) throws MessagingException {
        String domain = from.substring(from.indexOf('@') + 1);
        MimeMessage message = new MimeMessage(session) {
            @Override
            protected void updateMessageID() throws MessagingException {
                setHeader("Message-ID", "<" + id + "@" + domain + ">");
            }
        };
        message.setFrom(new InternetAddress(from));
        for (String each : to.to()) {
            message.addRecipient(Message.RecipientType.TO, new InternetAddress(each));
        }
        message.setSubject(content.title().replaceAll("[\\r\\n]+", " "), StandardCharsets.UTF_8.name());
        message.setText(Formats.text(content, external), StandardCharsets.UTF_8.name());
        message.setSentDate(Date.from(content.at()));
        message.setHeader(Transports.ID_HEADER, id);
        message.setHeader("Auto-Submitted", "auto-generated");
        // All mails of a group are one conversation.
        String thread = "<" + Formats.dedupKey(content.key(), content.receiver()) + "@" + domain + ">";
        message.setHeader("References", thread);
        message.setHeader("In-Reply-To", thread);
        message.saveChanges();
        return message;
    }

    private static String said(Exception e) {
        String text = String.valueOf(e.getMessage())
                .replaceAll("[^\\x20-\\x7e]+", " ")
                .strip();
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}
