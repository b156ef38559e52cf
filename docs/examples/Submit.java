import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Gửi một văn bản đã ký, nhận, báo trạng thái và theo dõi, bằng JDK 17: java Submit.java
 *
 * <p>Submits a signed document, receives it, reports and tracks, with JDK 17 alone: java Submit.java. The JDK has no
 * public CMS interface, so openssl signs. The environment is that of submit.sh, except that certificate and key of a
 * connection come as one PKCS#12 file: SENDER_P12, RECEIVER_P12, and P12_PASSWORD_FILE.
 */
public final class Submit {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final HttpClient http;
    private final String node;

    private Submit(String node, Path ca, Path p12, char[] password) throws Exception {
        this.node = node;
        this.http = HttpClient.newBuilder().sslContext(tls(ca, p12, password)).connectTimeout(Duration.ofSeconds(10)).build();
    }

    public static void main(String[] arguments) throws Exception {
        String node = env("NODE");
        Path ca = Path.of(env("CA"));
        char[] password = Files.readString(Path.of(env("P12_PASSWORD_FILE"))).strip().toCharArray();
        Submit sender = new Submit(node, ca, Path.of(env("SENDER_P12")), password);
        Submit receiver = new Submit(node, ca, Path.of(env("RECEIVER_P12")), password);
        String from = env("SENDER_CODE");
        String to = env("RECEIVER_CODE");

        Path file = Files.createTempFile("cong-van-", ".txt");
        try {
            Files.writeString(file, "Nội dung công văn gửi từ Java\n");
            Metadata metadata = Metadata.of(from, to, file);
            String acceptance = sender.submit(metadata, file);
            String exchange = member(acceptance, "exchangeId");
            System.out.println("1. Đã nhận (accepted): " + exchange + ", " + receiptEvent(acceptance) + ", "
                    + member(acceptance, "indication"));

            // Sent again unchanged, after a timeout for example, the node answers with the first receipt.
            String again = sender.submit(metadata, file);
            System.out.println("2. Gửi lại (again): cùng mã (same id) = " + member(again, "exchangeId").equals(exchange)
                    + ", duplicate = " + again.contains("\"duplicate\":true"));

            byte[] received = receiver.bytes("/v1/documents/" + exchange + "/attachments/0");
            System.out.println("3. Tải (fetched): " + received.length + " byte, giống bản gửi (same) = "
                    + MessageDigest.isEqual(received, Files.readAllBytes(file)));

            String item = receiver.itemOf(to, exchange);
            String confirmed = receiver.post("/v1/agencies/" + to + "/inbox/" + item + "/confirm", "{}");
            System.out.println("4. Xác nhận (confirmed): " + receiptEvent(confirmed));

            receiver.post("/v1/agencies/" + to + "/statuses",
                    "{\"exchangeId\":" + quote(exchange) + ",\"statusCode\":3,\"staff\":\"Nguyễn Văn A\"}");
            String tracking = sender.get("/v1/documents/" + exchange + "/tracking");
            System.out.println("5. Theo dõi (tracking): " + member(tracking, "state") + ", trạng thái (status) "
                    + number(tracking, "statusCode"));

            try {
                receiver.get("/v1/agencies/" + from + "/inbox");
            } catch (Problem problem) {
                System.out.println("6. Từ chối (refused): " + problem.getMessage());
            }
        } finally {
            Files.delete(file);
        }
    }

    /** What describes a document, signed once: a repeat has to send the same bytes. */
    private record Metadata(String json) {
        static Metadata of(String from, String to, Path file) throws Exception {
            LocalDateTime now = LocalDateTime.now();
            String number = now.format(DateTimeFormatter.ofPattern("HHmmss"));
            String date = now.format(DateTimeFormatter.ofPattern("yyyy/MM/dd"));
            String id = from + "," + date + "," + number + "/CV-JAVA";
            String subject = "Gửi từ Java";
            byte[] nonce = new byte[16];
            RANDOM.nextBytes(nonce);
            // RFC 8785 by hand: names in order, no spaces, strings and integers only.
            String manifest = "{\"businessType\":0"
                    + ",\"created\":" + quote(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                    + ",\"documentId\":" + quote(id)
                    + ",\"domain\":\"vn.lienthong.manifest.v1\""
                    + ",\"from\":" + quote(from)
                    + ",\"kind\":\"document\""
                    + ",\"message\":" + quote(UUID.randomUUID().toString())
                    + ",\"nonce\":" + quote(HexFormat.of().formatHex(nonce))
                    + ",\"parts\":[{\"length\":" + Files.size(file)
                    + ",\"mediaType\":\"text/plain\""
                    + ",\"name\":" + quote(file.getFileName().toString())
                    + ",\"sha256\":" + quote(HexFormat.of().formatHex(sha256(file))) + "}]"
                    + ",\"subject\":" + quote(subject)
                    + ",\"to\":[" + quote(to) + "]}";
            byte[] bytes = manifest.getBytes(StandardCharsets.UTF_8);
            Base64.Encoder base64 = Base64.getEncoder();
            return new Metadata("{\"from\":{\"code\":" + quote(from) + "},\"to\":[{\"code\":" + quote(to) + "}]"
                    + ",\"documentId\":" + quote(id) + ",\"codeNumber\":" + quote(number) + ",\"codeNotation\":\"CV-JAVA\""
                    + ",\"promulgationDate\":" + quote(date) + ",\"subject\":" + quote(subject)
                    + ",\"envelope\":{\"manifest\":" + quote(base64.encodeToString(bytes))
                    + ",\"cms\":" + quote(base64.encodeToString(sign(bytes))) + "}}");
        }
    }

    /** A detached CAdES signature. Certificates after the signer's in its file travel with it. */
    private static byte[] sign(byte[] manifest) throws Exception {
        Path certificate = Path.of(env("SENDER_SIGNING_CERT"));
        Path chain = Files.createTempFile("chain-", ".pem");
        Path content = Files.createTempFile("manifest-", ".json");
        try {
            Files.write(content, manifest);
            String pem = Files.readString(certificate);
            int second = pem.indexOf("-----BEGIN CERTIFICATE-----", pem.indexOf("-----END CERTIFICATE-----"));
            Files.writeString(chain, second < 0 ? "" : pem.substring(second));
            List<String> command = new ArrayList<>(List.of("openssl", "cms", "-sign", "-binary", "-cades", "-md",
                    "sha256", "-outform", "DER", "-in", content.toString(), "-signer", certificate.toString(), "-inkey",
                    env("SENDER_SIGNING_KEY")));
            if (second >= 0) {
                command.addAll(List.of("-certfile", chain.toString()));
            }
            Process openssl = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            byte[] signature = openssl.getInputStream().readAllBytes();
            if (openssl.waitFor() != 0) {
                throw new IOException("openssl không ký được (could not sign)");
            }
            return signature;
        } finally {
            Files.delete(chain);
            Files.delete(content);
        }
    }

    private String submit(Metadata metadata, Path file) throws Exception {
        String boundary = UUID.randomUUID().toString();
        BodyPublisher form = BodyPublishers.concat(
                BodyPublishers.ofString("--" + boundary + "\r\nContent-Disposition: form-data; name=\"metadata\"\r\n"
                        + "Content-Type: application/json\r\n\r\n" + metadata.json() + "\r\n--" + boundary
                        + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + file.getFileName()
                        + "\"\r\nContent-Type: text/plain\r\n\r\n"),
                BodyPublishers.ofFile(file),
                BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"));
        return text(request("/v1/documents").header("Content-Type", "multipart/form-data; boundary=" + boundary).POST(form));
    }

    /** The item of the inbox that holds this exchange. */
    private String itemOf(String agency, String exchange) throws Exception {
        String after = "0";
        while (true) {
            String page = get("/v1/agencies/" + agency + "/inbox?pageSize=500&waitSeconds=30&after=" + after);
            // A real client reads this with its JSON library; the JDK has none.
            Matcher items = Pattern.compile("\"item\":\"(\\d+)\",\"document\":\\{\"exchangeId\":\"([^\"]+)\"").matcher(page);
            String last = null;
            while (items.find()) {
                last = items.group(1);
                if (items.group(2).equals(exchange)) {
                    return last;
                }
            }
            if (last == null) {
                throw new IOException("không có trong hộp đến (not in the inbox): " + exchange);
            }
            after = last;
        }
    }

    private String get(String path) throws Exception {
        return text(request(path).GET());
    }

    private String post(String path, String json) throws Exception {
        return text(request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
    }

    private byte[] bytes(String path) throws Exception {
        HttpResponse<byte[]> response = http.send(request(path).GET().build(), BodyHandlers.ofByteArray());
        return refuse(response.statusCode(), response.body());
    }

    private String text(HttpRequest.Builder request) throws Exception {
        HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
        return new String(refuse(response.statusCode(), response.body()), StandardCharsets.UTF_8);
    }

    private static byte[] refuse(int status, byte[] body) throws Problem {
        if (status >= 400) {
            throw new Problem(status, new String(body, StandardCharsets.UTF_8));
        }
        return body;
    }

    private HttpRequest.Builder request(String path) {
        // Above the longest long poll, 60 s.
        return HttpRequest.newBuilder(URI.create(node + path)).timeout(Duration.ofSeconds(75));
    }

    /** A refusal (RFC 9457): the code is the contract, the texts are for people. */
    private static final class Problem extends IOException {
        Problem(int status, String json) {
            super(status + " " + member(json, "code") + ": " + member(json, "title") + " (" + member(json, "detail") + ")");
        }
    }

    private static SSLContext tls(Path ca, Path p12, char[] password) throws Exception {
        KeyStore own = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(p12)) {
            own.load(in, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, password);
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(ca)) {
            for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trusted.setCertificateEntry("ca-" + trusted.size(), certificate);
            }
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), RANDOM);
        return context;
    }

    private static byte[] sha256(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = Files.newInputStream(file)) {
            byte[] piece = new byte[64 * 1024];
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                digest.update(piece, 0, n);
            }
        }
        return digest.digest();
    }

    /** The name of the event in the first receipt of an answer. */
    private static String receiptEvent(String json) {
        return member(new String(Base64.getDecoder().decode(member(json, "payload")), StandardCharsets.UTF_8), "event");
    }

    /** The first string member of that name: enough for an example, not for production. */
    private static String member(String json, String name) {
        Matcher found = Pattern.compile(quote(name) + ":\"((?:[^\"\\\\]|\\\\.)*)\"").matcher(json);
        return found.find() ? found.group(1) : "";
    }

    private static String number(String json, String name) {
        Matcher found = Pattern.compile(quote(name) + ":(\\d+)").matcher(json);
        return found.find() ? found.group(1) : "";
    }

    private static String quote(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static String env(String name) {
        String value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("thiếu biến môi trường (missing in the environment): " + name);
        }
        return value;
    }
}
