#include "app/generate/vocabulary.h"

#include <array>

namespace parley::app::generate {
namespace {

using Words = std::string_view;

constexpr Words kEnglish[] = {
    "the",          "I",         "to",           "my",         "order",
    "and",          "is",        "it",           "you",        "a",
    "for",          "not",       "please",       "have",       "can",
    "with",         "was",       "we",           "your",       "of",
    "in",           "on",        "will",         "account",    "thanks",
    "payment",      "today",     "delivery",     "been",       "invoice",
    "that",         "still",     "refund",       "address",    "yesterday",
    "help",         "number",    "email",        "parcel",     "card",
    "could",        "already",   "money",        "sent",       "received",
    "password",     "change",    "back",         "week",       "broken",
    "return",       "which",     "problem",      "waiting",    "shipping",
    "label",        "customer",  "charged",      "twice",      "cancel",
    "contract",     "tracking",  "arrived",      "wrong",      "size",
    "colour",       "discount",  "code",         "expired",    "warehouse",
    "courier",      "signature", "neighbour",    "damaged",    "photo",
    "warranty",     "repair",    "replacement",  "battery",    "screen",
    "charger",      "update",    "reset",        "login",      "browser",
    "error",        "page",      "basket",       "checkout",   "voucher",
    "subscription", "renewal",   "monthly",      "annual",     "bank",
    "transfer",     "statement", "confirmation", "reference",  "customs",
    "duty",         "insurance", "appointment",  "technician", "installation",
    "manual",       "serial",    "firmware",     "bluetooth",  "router",
    "cable",        "adapter",   "patience",     "apologise",  "colleague",
    "department",   "escalate",  "priority",     "urgent"};

constexpr Words kGerman[] = {
    "ich",          "die",         "und",          "der",       "nicht",
    "das",          "Bestellung",  "Sie",          "mit",       "ist",
    "bitte",        "eine",        "noch",         "habe",      "wir",
    "für",          "meine",       "Rechnung",     "heute",     "danke",
    "Lieferung",    "auf",         "Konto",        "Paket",     "gestern",
    "Zahlung",      "wurde",       "Adresse",      "können",    "schon",
    "Rücksendung",  "Geld",        "zurück",       "Nummer",    "warten",
    "Größe",        "falsch",      "beschädigt",   "Gutschein", "Kündigung",
    "Vertrag",      "Überweisung", "Bestätigung",  "Umtausch",  "Garantie",
    "Werkstatt",    "Ersatzteil",  "Anmeldung",    "Passwort",  "Fehlermeldung",
    "Lieferschein", "Nachbar",     "Unterschrift", "Zusteller", "Versandetikett",
    "Geduld",       "Rückruf",     "Termin",       "Techniker", "Straße"};

constexpr Words kSpanish[] = {
    "el",         "la",         "pedido",      "de",        "mi",          "no",      "por",
    "favor",      "gracias",    "que",         "con",       "factura",     "hoy",     "ayer",
    "paquete",    "cuenta",     "pago",        "dirección", "todavía",     "número",  "dinero",
    "envío",      "devolución", "tarjeta",     "ayuda",     "contraseña",  "correo",  "tamaño",
    "equivocado", "roto",       "cambio",      "descuento", "código",      "mañana",  "almacén",
    "garantía",   "reembolso",  "suscripción", "técnico",   "instalación", "urgente", "según"};

constexpr Words kFrench[] = {"le",         "la",       "commande",  "de",
                             "ma",         "pas",      "je",        "merci",
                             "vous",       "facture",  "avec",      "bonjour",
                             "est",        "colis",    "hier",      "aujourd'hui",
                             "adresse",    "paiement", "livraison", "numéro",
                             "encore",     "retour",   "compte",    "carte",
                             "déjà",       "reçu",     "argent",    "aide",
                             "échange",    "abîmé",    "garantie",  "remboursement",
                             "abonnement", "mot",      "passe",     "réparation",
                             "étiquette",  "pièce",    "où",        "très",
                             "problème",   "créé"};

constexpr Words kChinese[] = {
    "我",   "的",   "订单", "您好", "请问", "没有", "收到", "谢谢", "可以", "什么", "时候",
    "退款", "快递", "地址", "今天", "昨天", "已经", "账户", "付款", "发票", "问题", "帮助",
    "密码", "更换", "尺寸", "颜色", "坏了", "保修", "客服", "电话", "号码", "取消", "修改",
    "优惠", "仓库", "物流", "签收", "退货", "运费", "维修", "电池", "屏幕", "升级", "登录"};

constexpr Words kJapanese[] = {
    "注文",       "を",   "が",   "の",     "に",     "です",   "ます", "ください",
    "ありがとう", "配送", "届き", "商品",   "返品",   "返金",   "住所", "変更",
    "昨日",       "今日", "確認", "お願い", "支払い", "請求書", "番号", "パスワード",
    "アカウント", "故障", "交換", "サイズ", "荷物",   "問題",   "電池", "画面",
    "修理",       "保証", "倉庫", "追跡",   "割引",   "解約"};

constexpr Words kKorean[] = {"주문", "배송",       "환불", "안녕하세요", "감사합니다",   "주소",
                             "변경", "아직",       "결제", "오늘",       "어제",         "계정",
                             "문의", "비밀번호",   "교환", "반품",       "고장",         "영수증",
                             "번호", "도와주세요", "언제", "확인",       "부탁드립니다", "취소"};

constexpr Words kArabic[] = {"طلب",     "من",    "في",     "شكرا",   "لم",     "يصل",
                             "العنوان", "الدفع", "اليوم",  "أمس",    "المبلغ", "استرداد",
                             "رقم",     "حساب",  "فاتورة", "مشكلة",  "كلمة",   "المرور",
                             "تغيير",   "شحن",   "الرجاء", "مساعدة", "منتج",   "تالف"};

constexpr Words kHebrew[] = {"הזמנה",   "שלום", "תודה",  "לא",    "הגיע",   "כתובת",
                             "תשלום",   "היום", "אתמול", "החזר",  "מספר",   "חשבון",
                             "חשבונית", "בעיה", "סיסמה", "שינוי", "משלוח",  "בבקשה",
                             "עזרה",    "מוצר", "פגום",  "החלפה", "אחריות", "ביטול"};

constexpr std::array kAll{
    Vocabulary{kEnglish, " ", ", ", ". ", true}, Vocabulary{kGerman, " ", ", ", ". ", true},
    Vocabulary{kSpanish, " ", ", ", ". ", true}, Vocabulary{kFrench, " ", ", ", ". ", true},
    Vocabulary{kChinese, "", "，", "。", false}, Vocabulary{kJapanese, "", "、", "。", false},
    Vocabulary{kKorean, " ", ", ", ". ", false}, Vocabulary{kArabic, " ", "، ", ". ", false},
    Vocabulary{kHebrew, " ", ", ", ". ", false}};

}  // namespace

const Vocabulary& vocabularyOf(Language language) {
    return kAll[static_cast<std::size_t>(language)];
}

}  // namespace parley::app::generate
