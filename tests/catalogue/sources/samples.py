"""One small file of each format, each with the same coat in it, and what else its tests look at."""

from __future__ import annotations

import json

PHOTO = "https://cdn.shop.example/coat.jpg"

GOOGLE = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment before the root -->
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<title>A shop</title><link>https://shop.example</link>
<item>
  <g:id>C1</g:id><title><![CDATA[Wool <b>coat</b> &amp; belt]]></title>
  <description>&lt;p&gt;Warm.&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;p&gt;Long.&lt;/p&gt;</description>
  <link>https://shop.example/c1</link><g:image_link>{PHOTO}</g:image_link>
  <g:additional_image_link>https://cdn.shop.example/2.jpg</g:additional_image_link>
  <g:additional_image_link>https://cdn.shop.example/3.jpg</g:additional_image_link>
  <g:price>129.00 EUR</g:price><g:sale_price>99.50 EUR</g:sale_price>
  <g:shipping><g:country>DE</g:country><g:price>4.90 EUR</g:price></g:shipping>
  <g:availability>in_stock</g:availability><g:brand>Nord</g:brand><g:gender>female</g:gender>
  <g:product_type>Apparel &gt; Outerwear &gt; Coats</g:product_type>
</item>
<item><g:id>C2</g:id><title>Hat</title><g:image_link>https://cdn.shop.example/hat.jpg</g:image_link></item>
</channel></rss>
"""

ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:x="http://base.google.com/ns/1.0">
<title>A shop</title><link href="https://shop.example" rel="self"/>
<entry><x:id>C1</x:id><title>Coat</title><link href="https://shop.example/c1"/><x:image_link>{PHOTO}</x:image_link>
<summary>Warm</summary><x:price>19900 KRW</x:price><x:availability>out of stock</x:availability></entry></feed>
"""

GOOGLE_TABLE = f"""id\ttitle\tdescription\tlink\timage link\tadditional_image_link\tprice\tavailability
C1\tCoat\tWarm\thttps://shop.example/c1\t{PHOTO}\thttps://c.example/2.jpg,https://c.example/3\t1,299.00 USD\tpreorder
"""

_SHOPIFY_ROWS = """coat,Wool Coat,<p>Warm</p>,Nord,Coats,true,S,59.00,shopify,0,deny,https://c.example/b.jpg,2,,active
coat,,,,,,M,49.00,shopify,3,deny,https://cdn.shop.example/coat.jpg,1,https://c.example/m.jpg,
coat,,,,,,,,,,,https://c.example/c.jpg,3,,
hat,Hat,,Nord,Hats,true,,19.00,shopify,0,deny,https://c.example/hat.jpg,1,,active
scarf,Scarf,,Nord,Scarves,true,,19.00,,,,https://c.example/scarf.jpg,1,,draft
"""

SHOPIFY_OLD = (
    "Handle,Title,Body (HTML),Vendor,Type,Published,Option1 Value,Variant Price,Variant Inventory Tracker,"
    "Variant Inventory Qty,Variant Inventory Policy,Image Src,Image Position,Variant Image,Status\n" + _SHOPIFY_ROWS
)
SHOPIFY_NEW = (
    "URL handle,Title,Description,Vendor,Type,Published on online store,Option1 value,Price,Inventory tracker,"
    "Inventory quantity,Continue selling when out of stock,Product image URL,Image position,Variant image URL,Status\n"
    + _SHOPIFY_ROWS
)

SHOPIFY_JSON = json.dumps(
    {
        "products": [
            {
                "id": 7,
                "title": "Wool Coat",
                "handle": "coat",
                "body_html": "<p>Warm</p>",
                "vendor": "Nord",
                "product_type": "Coats",
                "variants": [{"price": "59.00", "available": False}, {"price": "49.00", "available": True}],
                "images": [{"src": PHOTO, "position": 1}, {"src": "https://c.example/2.jpg"}],
            }
        ]
    }
)

NAVER = json.dumps(
    {
        "lastBuildDate": "Mon, 06 Jul 2026 10:00:00 +0900",
        "total": 2,
        "start": 1,
        "display": 2,
        "items": [
            {
                "title": "겨울 <b>코트</b> &amp; 벨트",
                "link": "https://search.shopping.naver.com/gate.nhn?id=1",
                "image": PHOTO,
                "lprice": "129000",
                "hprice": "0",
                "mallName": "네이버",
                "productId": "82095600231",
                "productType": "1",
                "brand": "노드",
                "maker": "노드제조",
                "category1": "패션의류",
                "category2": "여성의류",
                "category3": "코트",
                "category4": "",
            },
            {"title": "모자", "productId": "2", "image": "https://c.example/2.jpg", "lprice": "0", "productType": "8"},
        ],
    },
    ensure_ascii=False,
    indent=1,
)

ELEVENTH = f"""<?xml version="1.0" encoding="euc-kr"?>
<ProductSearchResponse><Request><Arguments><Argument name="key" value="x"/></Arguments></Request>
<Products><TotalCount>120</TotalCount>
<Product><ProductCode>100</ProductCode><ProductName><![CDATA[겨울 코트 뷁]]></ProductName>
<ProductPrice>59000</ProductPrice><SalePrice>49000</SalePrice><ProductImage>https://c.example/small.jpg</ProductImage>
<ProductImage300>{PHOTO}</ProductImage300><DetailPageUrl>https://www.11st.co.kr/p/100</DetailPageUrl>
<SellerNick>파는이</SellerNick></Product></Products></ProductSearchResponse>
"""

PAGE = f"""<!doctype html><html><head><meta charset="utf-8"><title>Coat</title>
<link rel="canonical" href="https://shop.example/p/coat"/>
<script>if (1 < 2) {{ "@type"; }}</script>
<script type="application/ld+json">{{"@context": "https://schema.org", "@type": "BreadcrumbList"}}</script>
<script type='application/ld+json'>/*<![CDATA[*/
{{"@context": "https://schema.org/", "@graph": [{{"@type": ["Product", "Thing"], "name": "Wool &amp; silk coat",
 "sku": "C1", "image": ["{PHOTO}", {{"@type": "ImageObject", "url": "/img/2.jpg"}}], "brand": {{"name": "Nord"}},
 "description": "Warm", "category": "Apparel > Coats", "audience": {{"suggestedGender": "female"}},
 "offers": [{{"@type": "Offer", "price": 149.0, "priceCurrency": "EUR", "availability": "http://schema.org/OutOfStock"}},
  {{"@type": "Offer", "price": "129.00", "priceCurrency": "EUR", "availability": "https://schema.org/InStock"}}]}}]}}
/*]]>*/</script></head><body></body></html>
"""

JSON_LD = json.dumps(
    {
        "@context": "https://schema.org",
        "@type": "ProductGroup",
        "name": "Coat",
        "productGroupID": "C1",
        "url": "https://shop.example/c1",
        "hasVariant": [
            {"@type": "Product", "sku": "S", "image": PHOTO, "offers": {"price": 9, "priceCurrency": "GBP"}},
            {"@type": "Product", "sku": "M", "image": "2.jpg", "offers": {"price": 8, "priceCurrency": "GBP"}},
        ],
    }
)

CSV = f"상품번호,상품명,판매가,이미지,재고\nC1,코트,39000,{PHOTO},품절\n"
JSON = '{"id": "C1", "title": "코트", "price": 39000, "image": "' + PHOTO + '"}\n'

# format -> files of it, each with the main photo PHOTO in its first product
ALL = {
    "google": [GOOGLE, ATOM],
    "google-table": [GOOGLE_TABLE],
    "shopify": [SHOPIFY_OLD, SHOPIFY_NEW],
    "shopify-json": [SHOPIFY_JSON],
    "naver": [NAVER],
    "eleventh": [ELEVENTH],
    "page": [PAGE],
    "json-ld": [JSON_LD],
    "csv": [CSV],
    "json": [JSON],
}
